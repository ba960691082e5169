// Elements: text of a person reaches the document only as text nodes and attribute values.
const SVG = 'http://www.w3.org/2000/svg';

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style')
      for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
};
export const h = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/** Whether the person asked for less motion. */
export const reduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export const complaint = (text) => h('p', { class: 'message', role: 'alert' }, text);
export const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};
export const saveFile = (name, type, content) => {
  const link = h('a', {
    href: URL.createObjectURL(new Blob([content], { type })),
    download: name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
export const say = (text) => {
  const live = document.getElementById('said');
  if (live) live.textContent = text;
};

/** Draws for the width that a node has, at once where it is on show, and anew when it changes. */
export const onWidth = (node, draw) => {
  let width = 0;
  const changed = (wide) => {
    const now = Math.round(wide);
    if (now && Math.abs(now - width) > 4) {
      width = now;
      draw(now);
    }
  };
  changed(node.getBoundingClientRect().width);
  new ResizeObserver(([entry]) => changed(entry.contentRect.width)).observe(node);
};

const TALLEST = 240;
/** A box of text becomes as high as what is written in it. */
export const grow = (box) => {
  if (!box.offsetParent) return; // hidden: it has no height to measure
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight + 2, TALLEST)}px`;
};
