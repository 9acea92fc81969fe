// What the page at GET / looks like, on a desktop and on a phone, light and dark: nothing is wider
// than the window, axe-core has no serious complaint. Screenshots go to the build directory.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {desktop, launchBrowser, phone, Visit} from './support/browser.mjs';
import {Workshop} from './support/callslip.mjs';
import {documents, longDocument} from './support/documents.mjs';

let workshop, server, browser;

before(async () => {
  workshop = new Workshop({...documents, 'survey/ridge.md': longDocument});
  [server, browser] = await Promise.all([workshop.serveIndexed(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await workshop.close();
});

const home = () => `http://${server.authority}/`;
const searchFor = query => `#q=${encodeURIComponent(query)}`;

/** A visit that ends with the test. */
async function visit(t, options) {
  const begun = await Visit.begin(browser, options, home());
  t.after(() => begun.end());
  await begun.page.goto(home());
  return begun;
}

/** What there is to see, at rest. */
const sights = {
  home: async page => page.getByText('On the shelves').waitFor(),
  search: async page => {
    await page.goto(`${home()}${searchFor('surveyor counted the cairns of station 12')}`);
    await page.locator('.card').first().waitFor();
  },
  document: async page => {
    await page.goto(`${home()}${searchFor('surveyor counted the cairns of station 12')}`);
    await page.locator('.card h3 a').first().click();
    await page.locator('.piece.target').waitFor();
  },
  code: async page => {
    await page.goto(`${home()}#library=&document=library%2Fsource%2Ftide_table.c`);
    await page.locator('.piece').first().waitFor();
  },
  read: async page => {
    await page.goto(`${home()}#read=What%20drives%20the%20fog%20horn%3F&effort=exhaustive`);
    await page.getByRole('button', {name: 'Read', exact: true}).click();
    await page.locator('.verdict').waitFor();
  },
  library: async page => {
    await page.goto(`${home()}#library=`);
    await page.locator('.row').filter({visible: true}).first().waitFor();
  },
  attach: async page => {
    await page.goto(`${home()}#attach=`);
    await page.locator('.snippet summary').first().click();
  },
};

for (const [device, options] of Object.entries({desktop, phone})) {
  for (const colorScheme of ['light', 'dark']) {
    describe(`on a ${device}, ${colorScheme}`, () => {
      for (const [name, go] of Object.entries(sights)) {
        test(`${name} fits, can be used by everybody, and has its colours`, async t => {
          const visited = await visit(t, {...options, colorScheme});
          await go(visited.page);
          await visited.shot(`${name}-${device}-${colorScheme}`);
          if (device === 'phone') await visited.fitsAcross();
          // What is seen on a phone in light has the phone's layout and the desktop's colours.
          if (device === 'desktop' || colorScheme === 'dark') await visited.isAccessible();
          const [desk] = (await visited.page.evaluate(() => getComputedStyle(document.body).backgroundColor))
              .match(/\d+/);
          assert.equal(Number(desk) < 80, colorScheme === 'dark');
        });
      }
    });
  }
}

test('the switch turns dark into light, and the choice is kept', async t => {
  const {page} = await visit(t, {...desktop, colorScheme: 'light'});
  const desk = () => page.evaluate(() => Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]));
  assert.ok(await desk() > 200);
  await page.getByRole('button', {name: 'Switch between dark and light'}).click();
  assert.ok(await desk() < 80);
  await page.reload();
  assert.ok(await desk() < 80);
});
