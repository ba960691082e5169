// One state in the address: what a link holds, and what a link asks for.

/** Names in the address that are the page's own; all others are the host's and stay. */
export const NAMES = [
  'text',
  'compare',
  'panel',
  'target',
  'baseline',
  'lanes',
  'word',
  'phrase',
  'padding',
  'story',
  'step',
];

/**
 * The query of a state: only what differs from the page as it opens.
 * @param {Place} place
 * @returns {string}
 */
export const written = (place) => {
  const query = new URLSearchParams();
  const put = (name, value) => value && query.set(name, value);
  put('text', place.text);
  put('compare', place.panel === 'compare' && place.compare);
  put('panel', place.panel !== 'read' && place.panel);
  put('target', place.target);
  put('baseline', place.baseline);
  put('lanes', place.lanes.join(','));
  put('word', place.pinned !== null && String(place.pinned + 1));
  put('phrase', place.span && `${place.span[0] + 1}-${place.span[1]}`);
  put('padding', place.panel === 'padding' && place.padding !== null && String(place.padding));
  put('story', place.story);
  put('step', place.story && place.step && String(place.step + 1));
  return query.toString();
};

const whole = (text) => (/^\d{1,4}$/.test(text ?? '') ? Number(text) : null);

/**
 * What an address asks for, as far as it can be had: anything unknown is left out.
 * @param {string} search
 * @param {Settings} config
 * @returns {Place}
 */
export const asked = (search, config) => {
  const query = new URLSearchParams(search);
  const among = (name, known) => (known.includes(query.get(name)) ? query.get(name) : null);
  const text = (name, otherwise) => {
    const wanted = query.get(name);
    return wanted?.trim() ? wanted.slice(0, config.limits.characters) : otherwise;
  };
  const word = whole(query.get('word'));
  const phrase = (query.get('phrase') ?? '').split('-').map(whole);
  const lanes = (query.get('lanes') ?? '').split(',');
  const span = phrase.length === 2 && phrase[0] && phrase[1] > phrase[0];
  return {
    text: text('text', config.first.text),
    compare: text('compare', ''),
    panel:
      among(
        'panel',
        config.panels.map((panel) => panel.name),
      ) ?? 'read',
    target: config.labels.length > 2 ? among('target', config.labels) : null,
    baseline: among('baseline', config.baselines),
    lanes: config.lanes.map((lane) => lane.name).filter((name) => lanes.includes(name)),
    pinned: word ? word - 1 : null,
    span: span ? [phrase[0] - 1, phrase[1]] : null,
    padding: whole(query.get('padding')),
    story: among(
      'story',
      config.stories.map((one) => one.name),
    ),
    step: Math.max(0, (whole(query.get('step')) ?? 1) - 1),
  };
};
