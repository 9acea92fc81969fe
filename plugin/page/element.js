// Elements by name, attributes and children. Strings become text nodes: nothing here parses HTML,
// so what a document says can never be markup.

/** `attributes`: on... are listeners, true sets, false and null leave out, the rest is text. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else {
      element.setAttribute(key, value === true ? '' : String(value));
    }
  }
  return put(element, ...children);
}

/** Appends: nodes, strings, numbers, lists of these; null and false are nothing. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** The same in place of what is there. */
export function refill(element, ...children) {
  element.replaceChildren();
  return put(element, ...children);
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** A line icon of 24 by 24 that is drawn in the colour of the text. */
export function icon(path) {
  const svg = document.createElementNS(svgNamespace, 'svg');
  for (const [key, value] of Object.entries(
           {viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false'})) {
    svg.setAttribute(key, value);
  }
  const line = document.createElementNS(svgNamespace, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const iconPaths = {
  close: 'M6 6l12 12M18 6L6 18',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
  back: 'M14 6l-6 6 6 6',
  folder: 'M3 7h6l2 2h10v10H3z',
  list: 'M5 7h14M5 12h14M5 17h9',
};
