// Choosing rows: all of a page at once, and how many are chosen. Without it each row is ticked by hand.
(() => {
  for (const bar of document.querySelectorAll("form[data-choose]")) {
    const boxes = [...bar.elements].filter((box) => box.name === bar.dataset.choose && box.type === "checkbox");
    const all = bar.querySelector("[data-choose-all]");
    const told = bar.querySelector("[data-chosen]");

    const tell = () => {
      const count = boxes.filter((box) => box.checked).length;
      if (told) told.textContent = count ? told.dataset.words.replace("{count}", count) : "";
      if (!all) return;
      const every = all.querySelector("input");
      every.checked = count === boxes.length;
      every.indeterminate = count > 0 && count < boxes.length;
    };

    if (all) {
      all.hidden = !boxes.length;
      all.addEventListener("change", (event) => {
        for (const box of boxes) box.checked = event.target.checked;
        tell();
      });
    }
    for (const box of boxes) box.addEventListener("change", tell);
    window.addEventListener("pageshow", tell);
  }
})();
