// Demo mode only: a click fills in name, password and the current one-time code of a demo person.
(() => {
  const say = (words) => {
    const status = document.getElementById("demo-status");
    if (status) status.textContent = words;
  };

  function put(selector, value) {
    const box = document.querySelector(selector);
    if (box && value) box.value = value;
  }

  async function fill(button) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(button.dataset.demoFill, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!answer.ok) return;
    const known = await answer.json();
    put("input[name=name]", known.name);
    put("input[name=password]", known.password);
    put("input[data-demo-code]", known.code);
    say(known.wait || known.name);
    document.querySelector("main form [type=submit]")?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-demo-fill]");
    if (button) fill(button);
  });
})();
