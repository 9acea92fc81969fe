// A small library for the tests: prose, code, HTML, and three languages. Each document holds facts
// that no other has, so that a test can name the one document that answers a question.

export const documents = {
  'handbook/lamp.md': `# The lamp

The Skerrow lighthouse burns colza oil. The keeper trims the wick every four hours.

## Fog

When the cape is hidden by fog, the keeper sounds the horn twice a minute.
The horn is driven by compressed air, which is stored in three copper tanks.

## Storm glass

A storm glass hangs beside the stairs. Feathery crystals in it foretell a gale.
`,

  'handbook/visitors.md': `# Visitors

Visitors cross the causeway at low tide and must be back within ninety minutes.
The ferry "Petrel" sails from Ardbeck harbour on Tuesdays and Fridays.

## Fees

Children enter free of charge. Adults pay four crowns at the gatehouse.
`,

  'handbook/accounts.txt': `Accounts of the lighthouse board

The board bought eleven barrels of oil in March and nine in April.
Repairs of the gallery railing came to sixty-two crowns.
The inspector praised the brass, and asked for a second logbook.
`,

  'source/tide_table.c': `#include "tide_table.h"

/* The harmonic constants were fitted to the gauge at Ardbeck harbour. */
static const double lunar_amplitude = 1.92;

/* Returns the height of the tide in metres above the causeway. */
double tide_height(double hours_since_new_moon) {
  double phase = hours_since_new_moon * 6.283185307 / 12.4206;
  return lunar_amplitude * cos(phase);
}

int causeway_is_passable(double hours_since_new_moon) {
  return tide_height(hours_since_new_moon) < -0.5;
}
`,

  'web/birds.html': `<!doctype html>
<html><head><title>Birds of Skerrow</title><style>p { color: teal }</style></head>
<body><h1>Birds of Skerrow</h1>
<p>Storm petrels nest under the causeway &amp; return only after dark.</p>
<p>In 1931 a snowy owl spent the whole winter on the gallery.</p>
</body></html>
`,

  'zh/灯塔.md': `# 灯塔手册

灯塔的守护人每天傍晚点亮油灯。雾天时，他每分钟敲钟三次。

## 茶室

茶室位于二楼，供应茉莉花茶和芝麻饼。
`,

  'ru/маяк.txt': `Маяк на мысе построен из серого гранита в 1874 году.
Смотритель записывает высоту волн в синий журнал каждое утро.
Зимой лёд закрывает гавань, и припасы везут на санях.
`,
};

/** Text of about `count` numbered documents, the same in every run. */
export function manyDocuments(count, paragraphs) {
  const words = ('anchor barrel beacon breaker buoy canvas channel compass current harbour horizon '
    + 'keel lantern ledger mooring pilot quay rigging rudder sextant shoal signal tackle timber '
    + 'wharf winch').split(' ');
  let state = 20_240_229;
  const word = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return words[state % words.length];
  };
  const files = {};
  for (let i = 0; i < count; ++i) {
    const lines = [`# Log ${i}`];
    for (let p = 0; p < paragraphs; ++p) {
      lines.push('', `Entry ${i}.${p}: the ${word()} and the ${word()} of the ${word()} passed `
        + `the ${word()}, while a ${word()} held the ${word()} near the ${word()}.`);
    }
    files[`logs/${String(i % 40).padStart(2, '0')}/log-${i}.md`] = `${lines.join('\n')}\n`;
  }
  return files;
}

/** Long enough that more of it is fetched while one scrolls. */
export const longDocument = `# The ridge survey

${Array.from({length: 120}, (_, i) => `## Station ${i}

At station ${i} the surveyor counted ${i * 7} cairns.

${`The path of stage ${i} follows the ridge and then the burn, past the sheepfold. `.repeat(12)}
`).join('\n')}`;
