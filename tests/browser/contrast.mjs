/**
 * Runs in the page. WCAG 2's contrast of every text that is seen, those of drawings included, against
 * what is really behind its middle. A pattern behind a text counts with all its colours.
 */
export function contrast_failures() {
  const channels = (colour) => {
    const m = /rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)/.exec(colour);
    return m ? { rgb: [m[1], m[2], m[3]].map(Number), alpha: m[4] === undefined ? 1 : Number(m[4]) } : null;
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };
  const over = (top, alpha, under) => top.map((v, i) => v * alpha + under[i] * (1 - alpha));
  const opacity_of = (e) => (e && e.nodeType === 1 ? Number(getComputedStyle(e).opacity) * opacity_of(e.parentElement) : 1);
  /** Colours that an element paints behind a text: [rgb, alpha] each; nothing: none. */
  const paints = (e) => {
    const style = getComputedStyle(e);
    if (!(e instanceof SVGElement) || e.tagName === 'svg') {
      const c = channels(style.backgroundColor);
      return c && c.alpha > 0 ? [[c.rgb, c.alpha * opacity_of(e)]] : [];
    }
    if (['text', 'tspan', 'g', 'line'].includes(e.tagName)) return [];
    const pattern = /url\(["']?#([^"')]+)/.exec(style.fill);
    if (pattern) return [...document.getElementById(pattern[1]).children].flatMap(paints);
    const c = channels(style.fill), alpha = c ? c.alpha * Number(style.fillOpacity) * opacity_of(e) : 0;
    return alpha > 0 ? [[c.rgb, alpha]] : [];
  };
  /** The colours there can be at a point below `text`. */
  const behind = (text, x, y) => {
    const all = document.elementsFromPoint(x, y); // from the top; what lies over the text is not behind it
    const own = all.indexOf(text);
    const stack = own < 0 ? all : all.slice(own + (text instanceof SVGElement ? 1 : 0));
    let colours = [[255, 255, 255]];
    for (const e of stack.reverse()) {
      const painted = paints(e);
      if (painted.length) colours = painted.flatMap(([rgb, alpha]) => colours.map((under) => over(rgb, alpha, under)));
    }
    return colours;
  };
  const low = [];
  let looked_at = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) if (walk.currentNode.data.trim()) texts.push(walk.currentNode);
  for (const node of texts) {
    const e = node.parentElement, style = getComputedStyle(e);
    if (['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION', 'title', 'desc', 'style'].includes(e.tagName)) continue;
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let box = range.getClientRects()[0];
    if (!box || box.width < 1 || e.closest('.skip')) continue;
    if (box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth) {
      e.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
      box = range.getClientRects()[0];
    }
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    if (x < 0 || x > innerWidth || y < 0 || y > innerHeight) continue; // in a box that scrolls by itself
    const ink = channels(e instanceof SVGElement ? style.fill : style.color);
    if (!ink) { low.push(`'${node.data.trim()}' has the colour ${style.fill}`); continue; }
    ++looked_at;
    for (const colour of behind(e, x, y)) {
      const ratio = contrast(over(ink.rgb, ink.alpha * opacity_of(e), colour), colour);
      if (ratio < 4.5) {
        low.push(`'${node.data.trim().slice(0, 40)}' has ${ratio.toFixed(2)}`);
        break;
      }
    }
  }
  window.scrollTo(0, 0);
  for (const e of document.querySelectorAll('.scroll')) e.scrollLeft = 0;
  return { looked_at, low };
}
