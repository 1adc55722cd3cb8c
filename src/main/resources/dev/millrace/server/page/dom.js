const SVG = 'http://www.w3.org/2000/svg';

/** The element of that id. */
export const at = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'share') {
      element.style.setProperty('--share', value);
    } else if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** An HTML element; texts among the children stay texts. */
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** Sets a text if it is another, so that nothing is read out twice. */
export function text(element, value) {
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

/** A table's head. Columns that begin with # hold numbers. */
export const tableHead = (...columns) => h('thead', {}, h('tr', {}, ...columns.map((column) =>
  column.startsWith('#') ? h('th', { scope: 'col', class: 'number' }, column.slice(1)) : h('th', { scope: 'col' }, column))));
