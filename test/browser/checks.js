// Looks at an open document and returns what is wrong with it, one sentence each. It runs in the page.
(() => {
  const wrong = [];
  const say = (what, node) => wrong.push(node ? `${what}: ${node.outerHTML.slice(0, 160)}` : what);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;
  const text = (t) => (t.lastChild ? t.lastChild.textContent : '');
  const within = (inner, outer, by = 1) => inner.left >= outer.left - by && inner.right <= outer.right + by &&
    inner.top >= outer.top - by && inner.bottom <= outer.bottom + by;

  // Structure.
  if (!/^(en|fr)\b/.test(document.documentElement.lang)) say('no language');
  if (all('h1').length !== 1) say(`${all('h1').length} headings h1, want 1`);
  if (!document.title.trim()) say('no title');
  let before = 0;
  for (const h of all('h1, h2, h3, h4, h5, h6')) {
    const level = Number(h.tagName[1]);
    if (level > before + 1) say(`a heading h${level} behind h${before}`, h);
    if (!h.textContent.trim()) say('an empty heading', h);
    before = level;
  }
  if (all('main').length !== 1) say('no main');
  for (const s of all('script, iframe, object, embed, form, [style], link[rel=stylesheet]')) say('must not be there', s);
  for (const n of all('*')) for (const a of n.attributes) if (/^on/i.test(a.name)) say('an event handler', n);

  // Anchors and links.
  const ids = new Set();
  for (const n of all('[id]')) {
    if (ids.has(n.id)) say(`the ID ${n.id} is there twice`, n);
    ids.add(n.id);
  }
  for (const a of all('a')) {
    const href = a.getAttribute('href') || '';
    if (href.startsWith('#')) { if (!ids.has(href.slice(1))) say('a link that leads nowhere', a); }
    else if (!href.startsWith('https://')) say('a link that is not to the web', a);
    if (!a.textContent.trim()) say('a link without a text', a);
  }
  for (const n of all('[aria-labelledby], [aria-describedby]'))
    for (const name of ['aria-labelledby', 'aria-describedby'])
      for (const id of (n.getAttribute(name) || '').split(/\s+/).filter(Boolean))
        if (!ids.has(id)) say(`${name} names ${id}, which is not there`, n);

  // Tables.
  for (const t of all('table')) {
    if (!(t.caption && t.caption.textContent.trim()) && !t.getAttribute('aria-labelledby')) say('a table without a caption', t);
    const columns = t.tHead ? t.tHead.rows[0].cells.length : 0;
    if (!columns) say('a table without a head', t);
    for (const c of t.tHead ? t.tHead.rows[0].cells : []) if (c.tagName !== 'TH' || c.scope !== 'col') say('a head without scope', c);
    for (const row of t.tBodies[0] ? t.tBodies[0].rows : []) {
      if (row.cells.length !== columns) say(`a row of ${row.cells.length} cells under ${columns} heads`, row);
      if (row.cells[0].tagName !== 'TH' || row.cells[0].scope !== 'row') say('a row without a head', row);
    }
  }

  // Pictures have a text alternative, and tones a sign.
  for (const svg of all('svg')) {
    const title = svg.querySelector(':scope > title');
    if (svg.getAttribute('role') !== 'img' || !title || !title.textContent.trim()) say('a picture without a title', svg);
    const desc = svg.querySelector(':scope > desc');
    if (svg.closest('figure .picture') && (!desc || desc.textContent.trim().length < 20)) say('a diagram without a description', svg);
  }
  for (const t of all('.tone, .notice')) {
    const sign = t.querySelector('svg.sign');
    const plain = !/\b(good|warning|bad)\b/.test(t.className);
    if (plain) { if (t.classList.contains('muted') && getComputedStyle(t).fontStyle !== 'italic') say('told by colour alone', t); }
    else if (!sign || !shown(sign)) say('told by colour alone', t);
  }
  for (const n of all('.node, .edge-label, .slot')) if (/\b(good|warning|bad)\b/.test(n.className.baseVal) && !n.querySelector('.mark')) say('told by colour alone', n);
  for (const e of all('.edge')) if (/\b(warning|bad)\b/.test(e.className.baseVal) && !e.closest('svg').querySelector('.edge-label.warning .mark, .edge-label.bad .mark')) say('told by colour alone', e);

  // Nothing leaves its place: the page, a cell, the box of a label.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) say(`the page is ${document.documentElement.scrollWidth} wide on a screen of ${width}`);
  for (const n of all('body *')) {
    if (n.closest('.table, .picture, svg') || !shown(n)) continue;
    const r = n.getBoundingClientRect();
    if (r.right > width + 1 || r.left < -1) say(`reaches from ${r.left} to ${r.right} on a screen of ${width}`, n);
  }
  for (const c of all('code')) {
    if (!shown(c)) continue;
    if (getComputedStyle(c).hyphens !== 'none') say('an identifier that may be hyphenated', c);
    const place = (c.closest('td, th, dd, li, p, .notice') || document.body).getBoundingClientRect();
    for (const r of c.getClientRects()) if (r.left < place.left - 1 || r.right > place.right + 1) { say('an identifier leaves its place', c); break; }
    for (const s of all('span', c)) if (getComputedStyle(s).whiteSpace === 'nowrap' && s.getClientRects().length > 1) say('a broken identifier', c);
  }
  const box = (n) => n.getBoundingClientRect();
  const labels = (groups, texts, shape) => {
    for (const g of all(groups)) {
      if (!shown(g)) continue;
      const outer = shape(g);
      for (const t of all(texts, g)) if (outer && !within(box(t), outer)) say(`"${text(t)}" leaves its box`, t);
    }
  };
  labels('.node', 'text', (g) => box(g.querySelector('.shape')));
  labels('.edge-label', 'text', (g) => box(g.querySelector('.ground')));
  for (const svg of all('svg')) {
    const groups = all('.group', svg);
    all('.group-label', svg).forEach((g, i) => {
      for (const t of all('text', g)) if (shown(t) && !within(box(t), box(groups[i]))) say(`"${text(t)}" leaves its group`, t);
    });
  }
  labels('.picture svg', 'text', (svg) => box(svg));
  for (const svg of all('.picture svg')) {
    const texts = all('text', svg).filter(shown);
    const boxes = texts.map(box);
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
      const a = boxes[i], b = boxes[j];
      const over = Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
      if (over > 4) say(`"${text(texts[i])}" lies on "${text(texts[j])}"`);
    }
  }

  // Contrast: WCAG 2.2, 1.4.3 (4.5:1; 3:1 for large letters) and 1.4.11 (3:1 for what tells something).
  const colour = (s) => { const m = s.match(/[\d.]+/g); return m && s !== 'none' ? m.map(Number) : null; };
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05); };
  const opaque = (c) => c && (c.length < 4 || c[3] > 0.5);
  const groundOf = (n) => {
    for (let up = n; up; up = up.parentElement) {
      const c = colour(getComputedStyle(up).backgroundColor);
      if (opaque(c)) return c;
    }
    return [255, 255, 255];
  };
  // What a text in a picture stands on: its own box, or the frame that holds its middle.
  const under = (t) => {
    const g = t.closest('.node, .edge-label');
    const own = g && g.querySelector('.shape, .ground');
    const m = box(t), x = (m.left + m.right) / 2, y = (m.top + m.bottom) / 2;
    const holds = (n) => { const r = box(n); return x >= r.left && x <= r.right && y >= r.top && y <= r.bottom; };
    const frames = own ? [own] : all('.group rect, .day, .slot-ground', t.closest('svg')).filter(holds);
    const c = frames.length ? colour(getComputedStyle(frames[frames.length - 1]).fill) : null;
    return opaque(c) ? c : groundOf(t.closest('.picture'));
  };
  const contrasts = new Map();
  const hold = (a, b, least, what, node) => {
    const key = [a, b, least].join();
    if (!contrasts.has(key)) contrasts.set(key, ratio(a, b));
    if (contrasts.get(key) < least) say(`${what} has a contrast of ${contrasts.get(key).toFixed(2)}, want ${least}`, node);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!n.data.trim() || !shown(e) || e.closest('title, desc')) continue;
    const style = getComputedStyle(e);
    if (e.closest('svg')) hold(colour(style.fill), under(e), 4.5, 'a text in a picture', e);
    else hold(colour(style.color), groundOf(e), parseFloat(style.fontSize) >= 24 ? 3 : 4.5, 'a text', e);
  }
  for (const s of all('svg.sign')) if (shown(s)) hold(colour(getComputedStyle(s).fill), groundOf(s), 3, 'a sign', s);
  for (const s of all('.shape, .way, .slot-edge, .limit, .group rect')) {
    const c = colour(getComputedStyle(s).stroke);
    if (c) hold(c, groundOf(s.closest('.picture')), 3, 'a line', s);
  }
  for (const s of all('.mark, .arrow, .dot, .head')) hold(colour(getComputedStyle(s).fill), groundOf(s.closest('.picture')), 3, 'a sign', s);
  return wrong;
})()
