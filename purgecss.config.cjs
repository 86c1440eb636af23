// Keeps, of the style sheet that all pages load, what a page can show: the browser reads the sheet again for each page.
module.exports = {
  css: ["node_modules/@tabler/core/dist/css/tabler.min.css"],
  content: [
    "templates/**/*.html",
    "static/js/*.js",
    "apps/**/*.py",
    "node_modules/@tabler/core/dist/js/tabler.min.js",
  ],
  // put together from a tone, a level or a shape where they are shown
  safelist: { standard: [/^bg-[a-z]+-lt$/, /^alert-[a-z]+$/, /^form-(control|select)-sm$/] },
  // set by scripts while a page stands
  dynamicAttributes: ["data-bs-popper", "data-popper-placement", "aria-expanded", "aria-disabled", "style", "size", "multiple", "dir"],
  output: "node_modules/.pruned",
};
