// What a page is asked about on every visit, and which of its elements no earlier page has shown.
window.accessible = (() => {
  const shown = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, contentVisibilityAuto: true });
  const named = (node) =>
    Boolean(node.textContent.trim() || node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.labels?.length || node.title);
  const LEAST = 23.5;
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex]";
  const told = (node) => node.outerHTML.slice(0, 160).replace(/\s+/g, " ");

  // the colour that really lies behind an element
  function ground(node) {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\)$|^transparent$/.test(colour)) return colour;
    }
    return "";
  }

  const TELLING = /^(role|type|scope|tabindex|alt|for|href|headers|lang|list|aria-.*)$/;
  const WEIGHTY = /^(role|type|scope|tabindex|aria-(hidden|live|current))$/;

  function attributes(node) {
    const telling = [...node.attributes].filter(({ name }) => TELLING.test(name));
    return telling.map(({ name, value }) => (WEIGHTY.test(name) ? `${name}=${value}` : name)).sort().join(" ");
  }

  // what is seen without asking for styles: enough to know that nothing about an element is new
  function outline(node) {
    const above = node.parentElement;
    return [node.tagName, node.className, above.tagName, above.className, above.parentElement?.className, attributes(node), named(node)].join("|");
  }

  // all that axe judges an element by: another one of the same shape would be judged alike
  function shape(node) {
    const look = getComputedStyle(node);
    const large = parseFloat(look.fontSize) >= 24 || (parseFloat(look.fontSize) >= 18.66 && look.fontWeight >= 700);
    const link = node.tagName === "A" && look.textDecorationLine;
    return [node.tagName, attributes(node), named(node), node.parentElement.tagName, look.color, ground(node), large, link].join("|");
  }

  // marks one element of each shape that no page of this walk has shown before; the browser remembers them
  function fresh() {
    const known = new Set(JSON.parse(localStorage.getItem("known-to-the-walk") ?? "[]"));
    const before = known.size;
    let marked = 0;
    for (const node of document.querySelectorAll("body, body *:not(script, svg *)")) {
      const seen = outline(node);
      if (known.has(seen) || !shown(node)) continue;
      known.add(seen);
      const like = shape(node);
      if (known.has(like)) continue;
      known.add(like);
      node.setAttribute("data-fresh", "");
      marked += 1;
    }
    if (known.size > before) localStorage.setItem("known-to-the-walk", JSON.stringify([...known]));
    return marked;
  }

  const CHECKS = {
    width() {
      const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      return over > 0 ? [`the page is ${over} pixels wider than its window`] : [];
    },
    // words cut off by their own box: what may be cut says so with an ellipsis, or scrolls
    clipped: () => [...document.querySelectorAll("h1, h2, h3, th, td, dt, dd, a, button, label, legend, p, li, span, .badge, .tile-label, .tile-figure")]
      .filter((node) => shown(node) && !node.closest(".visually-hidden, .skip-link, .table-responsive") && node.textContent.trim() && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1)
      .filter((node) => { const look = getComputedStyle(node); return look.overflowX === "hidden" && look.textOverflow !== "ellipsis" && look.display !== "inline"; })
      .map((node) => `cut off: ${told(node)}`),
    language: () => (document.documentElement.lang ? [] : ["no language"]),
    title: () => (document.title.trim().length > "· LoanFlow".length ? [] : ["no title"]),
    headings() {
      const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown).map((node) => [Number(node.tagName[1]), told(node)]);
      const ones = levels.filter(([level]) => level === 1).length;
      const jumps = levels.filter(([level], at) => at && level > levels[at - 1][0] + 1).map(([, text]) => `a level is left out before ${text}`);
      return ones === 1 && levels[0][0] === 1 ? jumps : [`begins with no h1, or has ${ones} of them`, ...jumps];
    },
    identifiers() {
      const all = [...document.querySelectorAll("[id]")].map((node) => node.id);
      return all.filter((id, at) => all.indexOf(id) < at).map((id) => `the id ${id} twice`);
    },
    skipping() {
      const first = [...document.querySelectorAll(CONTROLS)].find((node) => node.tabIndex >= 0);
      const aim = first?.matches("a[href^='#']") && document.querySelector(first.getAttribute("href"));
      return aim && aim.matches("main") ? [] : ["the first stop does not lead to the content"];
    },
    order: () => [...document.querySelectorAll("[tabindex]")].filter((node) => node.tabIndex > 0).map((node) => `takes a place of its own: ${told(node)}`),
    pictures: () => [...document.querySelectorAll("svg:not(svg svg), img")]
      .filter((node) => node.getAttribute("aria-hidden") !== "true" && !node.getAttribute("aria-label") && !node.hasAttribute("alt") && !node.getAttribute("aria-labelledby") && !node.closest("[aria-hidden=true]") && !node.querySelector("title"))
      .map((node) => `neither named nor hidden: ${told(node)}`),
    // a control in the flow of a sentence may be as high as its line
    targets: () => [...document.querySelectorAll(CONTROLS)].filter((node) => shown(node) && !node.closest(".visually-hidden, .skip-link") && node.tabIndex >= 0)
      .filter((node) => getComputedStyle(node).display !== "inline")
      .map((node) => [node, [node, ...(node.matches("[type=checkbox], [type=radio]") ? node.labels : [])].map((each) => each.getBoundingClientRect())])
      .filter(([, boxes]) => boxes.every((box) => box.width < LEAST || box.height < LEAST))
      .map(([node, [box]]) => `${Math.round(box.width)} by ${Math.round(box.height)} pixels: ${told(node)}`),
    motion: () => [...document.querySelectorAll("[data-fresh]")].filter((node) => parseFloat(getComputedStyle(node).transitionDuration) > 0.001)
      .map((node) => `moves: ${told(node)}`),
    colours: () => [...document.querySelectorAll(".badge, .good, .bad, .warn")].filter((node) => shown(node) && !node.textContent.trim() && !node.getAttribute("aria-label"))
      .map((node) => `colour alone: ${told(node)}`),
  };

  // what is wrong with where the focus has come; it leaves the page at the end of its stops
  let before = null;
  function focus() {
    const node = document.activeElement;
    if (node === document.body) return "";
    const look = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    const here = document.elementFromPoint(box.x + Math.min(box.width, innerWidth) / 2, box.y + Math.min(box.height, innerHeight) / 2);
    const back = before && before.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING && !node.matches(".skip-link");
    before = node;
    if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2) return `not seen: ${told(node)}`;
    if (back) return `leads back to ${told(node)}`;
    return here && (node.contains(here) || here.contains(node) || here.closest("label")?.control === node) ? "" : `hidden: ${told(node)}`;
  }

  // everything that is asked of a page, at once: each question from outside takes longer than its answer
  function look() {
    const marked = fresh();
    const complaints = Object.entries(CHECKS).flatMap(([name, check]) => check().map((found) => `${name}: ${found}`));
    const classes = [...new Set([...document.querySelectorAll("[class]")].flatMap((node) => [...node.classList]))];
    return { complaints, classes, marked };
  }
  return { look, focus, width: CHECKS.width };
})();
