// The keys. Those that are letters work outside of fields only.

const inField = target => target.closest('input, textarea, select, [contenteditable]') !== null;

/** `app`: focusSearch(), escape(), document (a DocumentView), showKeys(), cards() in order. */
export function listenToKeys(app) {
  addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') {
      app.escape(event.target);
      return;
    }
    if (inField(event.target)) return;
    const act = actions[event.key];
    if (act && act(app, event) !== false) event.preventDefault();
  });
}

const actions = {
  '/': app => app.focusSearch(),
  '?': app => app.showKeys(),
  j: app => move(app, 1),
  k: app => move(app, -1),
  ArrowDown: (app, event) => isCard(event.target) && move(app, 1),
  ArrowUp: (app, event) => isCard(event.target) && move(app, -1),
  n: app => app.document.isOpen && app.document.step(1),
  p: app => app.document.isOpen && app.document.step(-1),
};

const isCard = target => target.closest('.card, .row, .evidence li') !== null;

function move(app, by) {
  const links = app.cards();
  if (links.length === 0) return false;
  const at = links.indexOf(document.activeElement);
  const from = at >= 0 ? at : by > 0 ? -1 : links.length;
  const next = links[Math.min(Math.max(from + by, 0), links.length - 1)];
  next.focus({preventScroll: true});
  (next.closest('.card, .row, .evidence li') ?? next).scrollIntoView({block: 'nearest'});
  return true;
}
