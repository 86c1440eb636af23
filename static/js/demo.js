// Demo mode only: a click fills in name, password and the current one-time code of a demo person, and the next one when it comes.
(() => {
  const MOST = 20; // codes that a page left open asks for
  let waiting = 0;

  const say = (words) => {
    const status = document.getElementById("demo-status");
    if (status) status.textContent = words;
  };

  function put(selector, value) {
    const box = document.querySelector(selector);
    if (box && value) box.value = value;
  }

  function later(button, seconds, left) {
    clearTimeout(waiting);
    if (seconds && left) waiting = setTimeout(() => fill(button, left - 1), seconds * 1000 + 200);
  }

  async function fill(button, left = MOST) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(button.dataset.demoFill, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!answer.ok) return;
    const known = await answer.json();
    put("input[name=name]", known.name);
    put("input[name=password]", known.password);
    put("input[data-demo-code]", known.code);
    say(known.wait || known.name);
    later(button, known.next_in, left);
    if (left === MOST) document.querySelector("main form [type=submit]")?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-demo-fill]");
    if (button) fill(button);
  });
})();
