// Keeps a step of the application while it is being filled in, so that nothing typed is lost. Every step works without it.
(() => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const status = document.getElementById("keep-status");
  let timer = 0;
  let running = null;

  async function send(data) {
    const answer = await fetch(location.href, { method: "POST", body: data, headers: { "X-Keep": "1" }, redirect: "manual" });
    return answer.ok ? answer.json() : {};
  }

  // a field that is wrong waits for its correction; the others are kept without it
  async function keep() {
    const data = new FormData(form);
    let told = await send(data);
    if (told.wrong && told.wrong.length) {
      for (const name of told.wrong) data.delete(name);
      told = await send(data);
    }
    if (!told.kept) return;
    form.elements.version.value = told.version;
    if (status) status.textContent = status.dataset.kept;
  }

  function start() {
    timer = 0;
    running = keep().catch(() => {}).finally(() => {
      running = null;
    });
  }

  form.addEventListener("input", () => {
    if (status) status.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(() => (running ? running.then(start) : start()), 1200);
  });

  // what is on its way first, then the step itself: two at once would call each other stale
  form.addEventListener(
    "submit",
    (event) => {
      clearTimeout(timer);
      if (!running) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      running.then(() => form.requestSubmit(event.submitter));
    },
    true,
  );
})();
