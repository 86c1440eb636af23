// Keyboard, focus and one-time submits. Every page works without it.
(() => {
  let pressedG = 0;

  const typing = (node) => node.closest("input, textarea, select, [contenteditable]");

  const rows = () => [...document.querySelectorAll("[data-row] a[data-row-link]")].filter((link) => link.offsetParent);

  function step(by) {
    const links = rows();
    if (!links.length) return;
    const here = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, here + by))].focus();
  }

  function showKeys() {
    const dialog = document.getElementById("keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  const KEYS = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": showKeys,
    j: () => step(1),
    k: () => step(-1),
    g: () => {
      pressedG = Date.now();
    },
  };

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const place = Date.now() - pressedG < 1200 && /^[a-z]$/.test(event.key) && document.querySelector(`[data-go="${event.key}"]`);
    if (place) {
      pressedG = 0;
      event.preventDefault();
      location.assign(place.href);
    } else if (KEYS[event.key]) {
      event.preventDefault();
      KEYS[event.key]();
    }
  }

  // a second click on a button that is already at work does nothing
  function submitted(event) {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    event.submitter?.classList.add("at-work");
    setTimeout(() => form.removeAttribute("aria-busy"), 20000);
  }

  // a table wider than its card scrolls inside it, by keyboard too
  function makeScrollable(root) {
    for (const box of root.querySelectorAll(".table-responsive")) {
      if (box.scrollWidth <= box.clientWidth) continue;
      box.tabIndex = 0;
      const title = box.closest(".card")?.querySelector(".card-title");
      if (title && !box.hasAttribute("aria-label")) {
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", title.textContent.trim());
      }
    }
  }

  function ready(root) {
    makeScrollable(root);
    const first = root.querySelector("[data-autofocus]");
    if (first) first.focus();
  }

  document.addEventListener("keydown", pressed);
  document.addEventListener("submit", submitted);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) showKeys();
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  // a page taken out of the browser's memory is alive again
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
    for (const button of document.querySelectorAll(".at-work")) button.classList.remove("at-work");
  });
  document.addEventListener("htmx:afterSwap", (event) => ready(event.target));
  document.addEventListener("htmx:afterRequest", (event) => event.target.closest?.("form")?.removeAttribute("aria-busy"));
  ready(document);
})();
