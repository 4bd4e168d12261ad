// Saving a drawing as SVG, PNG, and its data as CSV.

// ---- saving -------------------------------------------------------------------------------------

function save(name, type, text) {
  make('a', {download: name, href: 'data:' + type + ';charset=utf-8,' + encodeURIComponent(text)}).click();
}
/** A drawing as a file of its own: colours as they are now. */
function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('font-family', 'system-ui, DejaVu Sans, Arial, sans-serif');
  copy.insertBefore(svg('rect', {width: '100%', height: '100%', fill: 'var(--paper)'}), copy.firstChild);
  return new XMLSerializer().serializeToString(copy).replace(/var\(--([a-z0-9]+)\)/g, (all, name) => variable(name));
}
function save_png(name, drawing) {
  const image = new Image(), width = drawing.getAttribute('width'), height = drawing.getAttribute('height');
  image.onload = () => {
    const canvas = make('canvas', {width: 2 * width, height: 2 * height});
    canvas.getContext('2d').drawImage(image, 0, 0, 2 * width, 2 * height);
    make('a', {download: name, href: canvas.toDataURL('image/png')}).click();
  };
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(standalone(drawing));
}
function csv(rows) {
  return rows.map((row) => row.map((v) => {
    let text = v === null || v === undefined ? '' : String(v);
    if (/^[=+\-@]/.test(text) && typeof v !== 'number') text = "'" + text; // no formula in a spreadsheet
    return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }).join(',')).join('\n') + '\n';
}
/** Three buttons; `drawing` and `table` are asked when one is pressed. */
function save_buttons(what, name, drawing, table) {
  const button = (label, action) => {
    const b = make('button', {type: 'button', 'aria-label': what + ': ' + label}, label);
    b.addEventListener('click', action);
    return b;
  };
  return make('div', {class: 'rp-save'}, 'Save: ',
              button('SVG', () => save(name() + '.svg', 'image/svg+xml', standalone(drawing()))),
              button('PNG', () => save_png(name() + '.png', drawing())),
              button('data (CSV)', () => save(name() + '.csv', 'text/csv', csv(table()))));
}
