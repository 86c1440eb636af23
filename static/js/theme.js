// Sets the colour scheme before the first paint, from what was chosen last or from the system's wish.
(() => {
  const KEY = "loanflow-theme";
  const root = document.documentElement;
  const wished = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const show = () => root.setAttribute("data-bs-theme", chosen() || wished());

  show();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // private windows may forbid storage: the choice then lasts for this page
    }
    root.setAttribute("data-bs-theme", next);
  });
})();
