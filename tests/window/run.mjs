// One smoke test of the real window: sign in, present, check the badge, open an inspection, see it at headquarters.
// Pictures go to out/window. The last line is "N passed, N failed".
import assert from 'node:assert/strict';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { officers, openHouse, root, until } from './house.mjs';
import { openWindow } from './window.mjs';

/** A resident identity number of nobody, with its check digit. */
function identityNumber(first17) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...first17].reduce((total, digit, at) => total + Number(digit) * weights[at], 0);
  return first17 + '10X98765432'[sum % 11];
}

async function signIn(page, officer) {
  await page.click(`//button[.//*[text()='${officer.credential}']]`, `the card of ${officer.name}`);
  await (await page.element("//input[@type='password']", 'the PIN field')).sendKeys(officer.pin, '\uE007');
}

/** Reads the code from the screen as a phone would, with all that stands around it. */
async function readBadge(page) {
  await page.element("//*[contains(@class,'qr')]//*[local-name()='svg']", 'the badge code');
  return until('the code on the screen to be read', async () => {
    const png = PNG.sync.read(Buffer.from(await page.browser.takeScreenshot(), 'base64'));
    return jsQR(new Uint8ClampedArray(png.data), png.width, png.height)?.data;
  });
}

/** What a phone that scanned the code is told. */
async function askHeadquarters(house, scanned) {
  const token = scanned.slice(scanned.indexOf('#') + 1);
  const response = await fetch(`${house.url}/public/rpc/badge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return response.json();
}

const steps = [
  ['the window opens on the sign-in screen', async ({ page }) => {
    await page.text('执法人员登录');
    await page.keepPicture('sign-in');
  }],
  ['an expired certificate is refused with its article', async ({ page }) => {
    await signIn(page, officers.expired);
    await until('the refusal', async () => /《.+》|第.+条/.test(await page.bodyText()));
    const { answer } = await page.call('start_state');
    assert.equal(answer.phase, 'locked');
    await page.keepPicture('expired');
  }],
  ['two officers sign in with their PIN', async ({ page }) => {
    await signIn(page, officers.first);
    await page.text(`${officers.first.name} 已登录`);
    await signIn(page, officers.second);
    await until('both to be signed in', async () => (await page.call('start_state')).answer.phase === 'ready');
  }],
  ['before presenting no inspection is opened', async ({ page }) => {
    const place = {
      text: 'G99', road_no: null, stake_km: null, stake_m: null, direction: null,
      latitude_e7: null, longitude_e7: null, division: null,
    };
    const { error } = await page.call('open_inspection', {
      reason: 'daily', reason_note: '', place, party: { kind: 'person' }, vehicle: null, request_id: 'too-early',
    });
    assert.equal(error?.code, 'not_presented');
    assert.ok(error.basis.length > 0, 'the refusal cites its article');
  }],
  ['the presentation is recorded', async ({ page }) => {
    await page.press('已出示，记录亮证');
    await until('the presentation', async () => (await page.call('start_state')).answer.presentation);
  }],
  ['the badge is a code that headquarters vouches for', async ({ page, house }) => {
    await page.open('/present');
    await page.press('先看证件页');
    const scanned = await readBadge(page);
    await page.keepPicture('badge');
  
    assert.ok(scanned.startsWith(`${house.url}/v#`), scanned);
    await until('headquarters to know the badge', async () => (await askHeadquarters(house, scanned)).state === 'valid');
    const badge = await askHeadquarters(house, scanned);
    assert.deepEqual(
      badge.officers.map((officer) => officer.credential_no).sort(),
      [officers.first.credential, officers.second.credential],
    );
  }],
  ['the window of the party shows the badge and may not act', async ({ page }) => {
    const officerWindow = await page.browser.getWindowHandle();
    await page.press('在当事人屏显示');
    const other = await until('the second window', async () =>
      (await page.browser.getAllWindowHandles()).find((handle) => handle !== officerWindow));
    await page.browser.switchTo().window(other);
    try {
      await page.text('请用手机扫码');
      await page.keepPicture('party');
      const { error } = await page.call('lock');
      assert.equal(error?.code, 'not_allowed');
    } finally {
      await page.browser.switchTo().window(officerWindow);
    }
  }],
  ['an inspection is opened', async ({ page }) => {
    await page.open('/');
    await page.press('开始一次检查');
    await page.write('party', '姓名', '张三');
    await page.write('party', '证件号码', identityNumber('99010119900101001'));
    await page.write('party', '联系电话', '13900000000');
    await page.write('party', '住址', '示例市示例区示范路 2 号');
    await page.write('vehicle', '车牌号', '豫S12345');
    await page.write('vehicle', '车辆类型', '重型半挂牵引车');
    await page.write('place', '地点', 'G107 示例收费站');
    await page.keepPicture('inspection');
    await page.click("//form//button[@type='submit']", 'the submit button');
    await until('the case screen', async () => (await page.browser.getCurrentUrl()).includes('#/case/'));
    await page.text('张三');
    await page.keepPicture('case');
  }],
  ['a recording made here plays here', async ({ page }) => {
    const case_id = /#\/case\/([^/?]+)/.exec(await page.browser.getCurrentUrl())[1];
    const { error } = await page.call('start_recording', { case_id, kind: 'video', step: 'scene' });
    assert.equal(error, undefined, JSON.stringify(error));
    await until('two recorded seconds', async () => (await page.call('recording')).answer.running.stored_ms >= 2000);
    await page.call('stop_recording', { reason: '' });
    // The calls above went past the screens.
    await page.open(`/case/${case_id}/evidence`);
    await page.browser.navigate().refresh();
    await page.click("//button[contains(@class, 'tile')]", 'the recording');
    await page.element('//video', 'the player');
    // The recording has no length written at its head, so how long it is shows in the playing.
    const seconds = await until('the recording to be played to its end', () =>
      page.browser.executeScript(`const v = document.querySelector('video');
        if (v.paused && !v.ended) { v.muted = true; v.play().catch(() => {}); }
        return v.ended && v.currentTime`));
    assert.ok(seconds >= 1.5, `${seconds} s`);
    await page.keepPicture('player');
    await page.open('/');
  }],
  ['the journal is whole and arrives at headquarters', async ({ page }) => {
    const { answer } = await page.call('verify_journal');
    assert.equal(answer.is_intact, true, JSON.stringify(answer));
    assert.equal(answer.projections_equal, true, JSON.stringify(answer));
    await page.call('sync_now');
    await until('the receipt', async () => {
      const { answer: sync } = await page.call('sync_state');
      return sync.entries_total > 0 && sync.entries_at_headquarters === sync.entries_total;
    });
  }],
];

const pictures = join(root, 'out/window');
let passed = 0;
let failed = 0;
let house;
let page;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await page?.close();
    await house?.close();
    process.exit(130);
  });
}
try {
  house = await openHouse();
  page = await openWindow(house, pictures);
  for (const [name, step] of steps) {
    try {
      await step({ page, house });
      passed += 1;
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n        ${error.message.replaceAll('\n', '\n        ')}`);
      await page.keepPicture('failed').catch(() => {});
      console.log(`        on the screen: ${(await page.bodyText().catch(() => '')).slice(-600).replaceAll('\n', ' | ')}`);
      // Each step starts where the one before ended.
      failed += steps.length - passed - failed;
      break;
    }
  }
} catch (error) {
  failed = steps.length - passed;
  console.log(`FAILED  before the first step: ${error.message}`);
} finally {
  await page?.close();
  await house?.close({ keep: failed > 0 && process.env.CI !== 'true' });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
