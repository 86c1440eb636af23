// The stop of the tour: marks what it speaks of and brings it into sight. The words and buttons work without it.
(() => {
  const panel = document.getElementById("tour");
  if (!panel) return;

  const seen = (node) => node && node.getClientRects().length > 0;

  // what a phone folds away is found under the button that unfolds it
  function target() {
    const node = document.querySelector(panel.dataset.tour);
    if (seen(node)) return node;
    const button = document.querySelector(".navbar-toggler");
    return node?.closest("#top-nav") && seen(button) ? button : null;
  }

  const node = target();
  if (node) {
    node.classList.add("tour-shown");
    node.setAttribute("aria-describedby", [node.getAttribute("aria-describedby"), "tour-text"].filter(Boolean).join(" "));
    const box = node.getBoundingClientRect();
    if (box.top < 0 || box.top > window.innerHeight / 2) node.scrollIntoView({ block: "start" });
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") panel.querySelector(".tour-end").click();
  });
})();
