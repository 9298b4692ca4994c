// The screens in Debian's Chromium against a real headquarters and a real terminal.
// Pictures go to out/screens. The last line is "N passed, N failed". A word plays the groups up to that one only.
import assert from 'node:assert/strict';
import { evidence, printing } from './evidence.mjs';
import { casework } from './casework.mjs';
import { cut, hq, themes } from './headquarters.mjs';
import { instruments } from './instruments.mjs';
import { sealing } from './sealing.mjs';
import { door, keyboardJourney, opening, presenting, signIn } from './session.mjs';
import { keepPicture, openStage } from './stage.mjs';

const tidy = [
  [
    'no screen complained on its console or asked another host',
    async ({ complaints }) => {
      assert.deepEqual(complaints, []);
    },
  ],
];

const groups = {
  keyboardJourney,
  signIn,
  presenting,
  opening,
  instruments,
  casework,
  evidence,
  printing,
  cut,
  hq,
  sealing,
  themes,
  door,
  tidy,
};

const last = process.argv[2];
const names = Object.keys(groups).filter((name, at, all) => !last || at <= all.indexOf(last) || name === 'tidy');
const total = names.reduce((sum, name) => sum + groups[name].length, 0);
let passed = 0;
let failed = 0;
let stage;
try {
  stage = await openStage();
  for (const name of names) await playGroup(groups[name]);
} catch (error) {
  console.log(`NOT ok before the first case: ${error.stack}`);
  failed = total - passed;
} finally {
  const isKept = failed > 0 && process.env.CI !== 'true';
  await stage?.close({ keep: isKept });
  if (isKept && stage) console.log(`logs and data are kept in ${stage.house.dir}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Each case begins where the one before it ended, so a group stops at its first failure. */
async function playGroup(cases) {
  for (const [at, [name, play]] of cases.entries()) {
    const began = Date.now();
    try {
      await play(stage);
      passed += 1;
      console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += cases.length - at;
      console.log(`NOT ok ${name}\n${indented(String(error.stack ?? error).slice(0, 900))}`);
      await tellScreen();
      for (const [skipped] of cases.slice(at + 1)) console.log(`NOT ok ${skipped} (not played)`);
      return;
    }
  }
}

async function tellScreen() {
  const { officers: page } = stage;
  await keepPicture(page, `failed-${passed + failed}`).catch(() => {});
  const text = await page.evaluate(() => document.body.innerText).catch(() => '');
  console.log(indented(`at ${page.url()}: ${text.slice(-600).replaceAll('\n', ' | ')}`));
}

function indented(text) {
  return text.replace(/^/gm, '        ');
}
