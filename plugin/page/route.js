// The address of what is shown, in the fragment: #q=fog&open=01c7:0 . Views push addresses and are
// shown what they say, so that links, reloading and the back button need no code of their own.

const listNames = {keywords: 'k', exact: 'x', documents: 'd'};

/** view: "search", "read", "library" or "attach", and what it shows. */
export function parseRoute(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const route = {
    view: 'search',
    query: given.get('q') ?? '',
    question: given.get('read') ?? '',
    folder: given.get('library') ?? '',
    effort: given.get('effort') ?? 'standard',
    answer: given.has('answer'),
    open: given.get('open') ?? '',
    document: given.get('document') ?? '',
    mark: given.get('mark') ?? '',
  };
  for (const [name, short] of Object.entries(listNames)) route[name] = given.getAll(short);
  for (const view of ['attach', 'library', 'read']) {
    if (given.has(view)) route.view = view;
  }
  return route;
}

export function fragmentOf(route) {
  const out = new URLSearchParams();
  if (route.view === 'search' && route.query) out.set('q', route.query);
  if (route.view === 'read') {
    out.set('read', route.question ?? '');
    if (route.effort && route.effort !== 'standard') out.set('effort', route.effort);
    if (route.answer) out.set('answer', '1');
  }
  if (route.view === 'library') out.set('library', route.folder ?? '');
  if (route.view === 'attach') out.set('attach', '');
  if (route.view === 'search' || route.view === 'read') {
    for (const [name, short] of Object.entries(listNames)) {
      for (const value of route[name] ?? []) out.append(short, value);
    }
  }
  for (const name of ['open', 'document', 'mark']) {
    if (route[name]) out.set(name, route[name]);
  }
  return `#${out}`;
}

/** The same view without a document. */
export const closed = route => ({...route, open: '', document: '', mark: ''});

/** What a view's own content depends on: a document may be open beside it or not. */
export const viewKey = route => fragmentOf(closed(route));
