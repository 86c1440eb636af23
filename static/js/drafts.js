// Keeps what is typed into a larger form until it is sent. Every form works without it.
(() => {
  const mark = document.querySelector("form input[data-draft]");
  if (!mark) return;
  const form = mark.form;
  const status = document.getElementById("draft-status");
  const out = document.getElementById("draft-out");
  const instead = document.getElementById("draft-instead");
  const PAUSE = 1500;
  let undecided = mark.hasAttribute("data-undecided");
  let replacing = false;
  let dirty = false;
  let timer = 0;
  let running = null;

  // what is secret never leaves the page before the form is sent
  function typed() {
    const data = new FormData(form);
    for (const field of form.querySelectorAll("[type=file], [type=password], [autocomplete=one-time-code]")) data.delete(field.name);
    return data;
  }

  const send = (more = {}) =>
    fetch(form.getAttribute("action") || location.href, {
      method: "POST",
      body: typed(),
      headers: { Accept: "application/json", "X-Draft": replacing ? "instead" : "keep" },
      redirect: "manual",
      ...more,
    });

  // whoever signed in again elsewhere has new tokens: the page here takes them over
  async function renewed() {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]");
    if (!token) return false;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token.value;
    document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
    return true;
  }

  async function answerOf() {
    const answer = await send();
    return answer.status === 403 && (await renewed()) ? send() : answer;
  }

  async function keep() {
    dirty = false;
    const answer = await answerOf();
    out.hidden = answer.status !== 401;
    const told = answer.status === 401 ? { words: " " } : await answer.json().catch(() => ({}));
    dirty = !answer.ok;
    if (answer.ok) {
      mark.value = told.version;
      replacing = false;
    }
    undecided = answer.status === 409;
    instead.hidden = !undecided;
    status.textContent = told.words || (answer.ok ? "" : status.dataset.away);
  }

  function start() {
    clearTimeout(timer);
    timer = 0;
    running = (running || Promise.resolve())
      .then(keep)
      .catch(() => {
        dirty = true;
        status.textContent = status.dataset.away;
      })
      .finally(() => {
        running = null;
      });
    return running;
  }

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    if (!undecided) timer = setTimeout(start, PAUSE);
  });

  instead.addEventListener("click", () => {
    replacing = true;
    undecided = false;
    start();
  });

  // what was typed last is kept first; whoever was signed out meanwhile stays here, with everything typed
  form.addEventListener(
    "submit",
    (event) => {
      clearTimeout(timer);
      if ((!dirty && !running) || undecided) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      (dirty ? start() : running).then(() => {
        dirty = false;
        if (out.hidden) form.requestSubmit(event.submitter);
        else out.querySelector("a").focus();
      });
    },
    true,
  );

  window.addEventListener("pagehide", () => {
    if (dirty && !undecided) send({ keepalive: true });
  });
})();
