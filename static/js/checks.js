// Has the server judge a field once it is left, and says beside it what is wrong. Every form is judged whole when it is sent.
(() => {
  const said = document.querySelector("form [data-check]");
  if (!said) return;
  const form = said.closest("form");
  const touched = new Set();
  let asking = null;

  function typed() {
    const data = new FormData(form);
    for (const field of form.querySelectorAll("[type=file], [type=password], [autocomplete=one-time-code]")) data.delete(field.name);
    return data;
  }

  const named = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];

  // the words stand in their own box; whoever hears the page is told by the field itself, and once by the form
  function describe(control, id, wrong) {
    const ids = (control.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    if (wrong) ids.push(id);
    if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
    else control.removeAttribute("aria-describedby");
  }

  function show(name, told) {
    const box = document.getElementById(`id_${name}_error`);
    const read = document.getElementById(`id_${name}_understood`);
    if (read && told.read !== null) read.textContent = told.read;
    if (!box) return;
    const wrong = told.errors.length > 0;
    const lines = told.errors.map((words) => Object.assign(document.createElement("div"), { textContent: words }));
    box.replaceChildren(...lines);
    box.hidden = !wrong;
    box.classList.toggle("d-block", wrong);
    const group = document.getElementById(`id_${name}`)?.closest("fieldset");
    for (const control of named(name)) {
      control.classList.toggle("is-invalid", wrong);
      if (wrong) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      if (!group) describe(control, box.id, wrong);
    }
    if (group) describe(group, box.id, wrong);
    if (!wrong) mended(name);
  }

  // what was put right leaves the list above the form
  function mended(name) {
    const list = form.querySelector(".error-summary ul");
    if (!list) return;
    for (const link of list.querySelectorAll("a")) if (link.hash === `#id_${name}`) link.closest("li").remove();
    if (!list.children.length) list.closest(".error-summary").remove();
  }

  const label = (name) => form.querySelector(`label[for="id_${CSS.escape(name)}"], #id_${CSS.escape(name)} > legend`)?.textContent.trim() || "";

  async function check(name) {
    asking?.abort();
    asking = new AbortController();
    const answer = await fetch(form.getAttribute("action") || location.href, {
      method: "POST",
      body: typed(),
      headers: { Accept: "application/json", "X-Check": [...touched].join(",") },
      redirect: "manual",
      signal: asking.signal,
    });
    if (!answer.ok) return;
    const { fields } = await answer.json();
    for (const [each, told] of Object.entries(fields)) show(each, told);
    const wrong = fields[name]?.errors || [];
    said.textContent = wrong.length ? `${label(name)}: ${wrong.join(" ")}` : "";
  }

  form.addEventListener("change", (event) => {
    const { name, type } = event.target;
    if (!name || ["file", "password", "hidden"].includes(type)) return;
    touched.add(name);
    // whoever is on the way to a button is not to find it moved
    setTimeout(() => {
      if (!document.activeElement?.closest("button, [type=submit], a")) check(name).catch(() => {});
    });
  });

  // what the page came back with as wrong is judged again as it is put right
  for (const control of form.querySelectorAll('[aria-invalid="true"][name]')) touched.add(control.name);
})();
