// Sends chosen files in pieces while the form is being filled in, goes on after a broken network, and shows what will be handed in.
// Without it, or where the browser cannot make digests, the form sends a file whole.
(() => {
  const form = document.querySelector("form[data-uploads]");
  const box = document.getElementById("uploads");
  if (!form || !box || !window.crypto?.subtle) return;
  const field = form.dataset.field; // of a form that is sent with its one file, not file by file
  const input = form.elements[field || "file"];
  const list = box.querySelector("[data-list]");
  const shape = box.querySelector("template");
  const words = box.dataset;
  const FIRST_WAIT = 1000;
  const LONGEST_WAIT = 20000;
  let jobs = [];
  let carried = false;

  // an answer that no further try changes
  class Final extends Error {}

  async function ask(job, url, options = {}) {
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json", ...options.headers };
    const answer = await fetch(url, { redirect: "manual", signal: job.stop.signal, ...options, headers });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw new Final(words.signedOut);
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const told = await answer.json().catch(() => null);
    if (answer.ok && told) return told;
    throw new Final(told?.errors?.filter(Boolean).join(" ") || words.failed);
  }

  const post = (job, url, fields) => ask(job, url, { method: "POST", body: new URLSearchParams(fields) });
  const gone = (job, error) => error instanceof Final || job.stop.signal.aborted;

  function pause(length) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, length);
      addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  // asks until there is an answer: each time a little later, at once when the network is back
  async function patiently(job, act) {
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        return await act();
      } catch (error) {
        if (gone(job, error)) throw error;
        say(job, words.waiting);
        await pause(wait);
      }
    }
  }

  function say(job, text, state = "") {
    job.status.textContent = text;
    job.row.dataset.state = state;
  }

  function advance(job, told) {
    job.bar.max = told.pieces;
    job.bar.value = told.pieces - told.missing.length;
    if (told.missing.length) say(job, `${words.sending} ${Math.floor((100 * job.bar.value) / told.pieces)} %`);
  }

  async function digestOf(file) {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // whatever breaks, the server is asked again which pieces it has
  async function transfer(job) {
    say(job, words.reading);
    const sum = await digestOf(job.file);
    let told = await patiently(job, () => post(job, form.dataset.uploads, { name: job.file.name, size: job.file.size, sha256: sum }));
    job.url = told.url;
    job.id = told.id;
    advance(job, told);
    while (told.missing.length && !told.done) {
      const number = told.missing[0];
      const piece = job.file.slice(number * told.piece, (number + 1) * told.piece);
      const headers = { "Content-Type": "application/octet-stream" };
      try {
        told = await ask(job, `${job.url}pieces/${number}/`, { method: "POST", body: piece, headers });
      } catch (error) {
        if (gone(job, error)) throw error;
        told = await patiently(job, () => ask(job, job.url));
      }
      advance(job, told);
    }
    say(job, words.ready, "ready");
    if (/\.pdf$/i.test(job.file.name)) show(job, `${job.url}preview/`);
  }

  function show(job, address) {
    const image = job.row.querySelector("img");
    image.addEventListener("load", () => (image.hidden = false), { once: true });
    image.addEventListener("error", () => (image.hidden = true), { once: true });
    image.src = address;
  }

  function showImage(job) {
    const reader = new FileReader();
    reader.addEventListener("load", () => show(job, reader.result));
    reader.readAsDataURL(job.file);
  }

  function add(file) {
    const row = shape.content.firstElementChild.cloneNode(true);
    const job = { file, row, stop: new AbortController(), url: "", status: row.querySelector("[data-status]"), bar: row.querySelector("progress") };
    row.querySelector("[data-name]").textContent = file.name.replace(/[\p{Cf}\p{Cc}]/gu, "");
    row.querySelector("img").alt = words.preview;
    row.querySelector("button").addEventListener("click", () => cancel(job));
    list.append(row);
    box.hidden = false;
    jobs.push(job);
    if (/^image\/(jpeg|png)$/.test(file.type)) showImage(job);
    job.sent = transfer(job).then(
      () => true,
      (error) => {
        if (!job.stop.signal.aborted) say(job, error instanceof Final ? error.message : words.failed, "failed");
        return false;
      },
    );
  }

  function cancel(job) {
    const stopped = job.stop;
    stopped.abort();
    jobs = jobs.filter((each) => each !== job);
    job.row.remove();
    box.hidden = !jobs.length;
    input.focus();
    if (job.url) post({ stop: new AbortController() }, `${job.url}cancel/`, {}).catch(() => {});
  }

  // what is handed in has no preview any more: one that has not come by then is not asked for
  function unshow(job) {
    const image = job.row.querySelector("img");
    if (!image.complete) image.removeAttribute("src");
  }

  async function finish(job, last) {
    unshow(job);
    const known = String(jobs.filter((each) => each.known).length); // were there before
    const fields = { code: form.elements.code.value, ...(last ? { last, known } : {}) };
    try {
      const told = await patiently(job, () => post(job, `${job.url}finish/`, fields));
      job.known = told.known;
      say(job, words.done, "done");
      return true;
    } catch (error) {
      say(job, error instanceof Final ? error.message : words.failed, "failed");
      return false;
    }
  }

  async function handIn() {
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    const waiting = jobs.filter((job) => job.row.dataset.state !== "done");
    for (const [at, job] of waiting.entries()) {
      const is_last = at === waiting.length - 1 ? String(jobs.length) : "";
      if (!(await job.sent) || !(await finish(job, is_last))) break;
    }
    button.disabled = false;
    if (jobs.every((job) => job.row.dataset.state === "done")) location.assign(form.dataset.next);
  }

  // the form waits for its file, then goes on by itself with the name of what has come
  async function carry(button) {
    const [job] = jobs;
    button.disabled = true;
    const has_come = await job.sent;
    button.disabled = false;
    if (!has_come || job !== jobs[0]) return;
    form.elements.upload.value = job.id;
    unshow(job);
    carried = true;
    setTimeout(() => form.requestSubmit(button)); // not while the event that was stopped is still under way: that would do nothing
  }

  function choose(files) {
    if (field) {
      for (const job of [...jobs]) cancel(job);
      form.elements.upload.value = "";
      box.parentElement.querySelector("[data-kept]")?.remove();
    }
    for (const file of files) add(file);
  }

  input.multiple = !field;
  input.addEventListener("change", () => {
    choose([...input.files]);
    input.value = "";
  });

  // a phone's camera, beside the files that are there already
  if (matchMedia("(pointer: coarse)").matches) {
    const camera = box.parentElement.querySelector("[data-camera]");
    const eye = camera.querySelector("input");
    camera.hidden = false;
    camera.querySelector("button").addEventListener("click", () => eye.click());
    eye.addEventListener("change", () => {
      choose([...eye.files]);
      eye.value = "";
    });
  }

  form.addEventListener(
    "submit",
    (event) => {
      if (!jobs.length || carried) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (field) carry(event.submitter || form.querySelector("[type=submit]"));
      else handIn();
    },
    true,
  );
})();
