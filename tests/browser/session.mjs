// Signing in, presenting, opening an inspection.
import assert from 'node:assert/strict';
import { call, keepPicture, officers, phonePage, scan, until } from './stage.mjs';
import {
  beginInspection,
  fillInspection,
  focusIs,
  focusIsField,
  goTo,
  party,
  pickOfficer,
  present,
  press,
  section,
  signInByKeyboard,
  signInByTap,
  tabTo,
  write,
} from './officer.mjs';

export const door = [
  [
    'wrong PINs make the wait grow, and the screen counts it down',
    async ({ officers: page }) => {
      await pickOfficer(page, officers.second);
      const waits = [];
      for (let attempt = 0; attempt < 12 && waits.length < 2; attempt += 1) {
        await page.keyboard.type('000000');
        await page.keyboard.press('Enter');
        await until('the answer', async () => (await page.locator('#pin').inputValue()) === '');
        const wait = /请等待 (\d+) 秒/.exec(await page.locator('#pin-state').innerText());
        if (!wait) continue;
        waits.push(Number(wait[1]));
        if (waits.length === 1) await keepPicture(page, '95-delay');
        await page.getByText('已输入 0 位').waitFor();
      }
      assert.ok(waits[1] >= waits[0] && waits[0] > 0, `waits ${waits}`);
      await page.keyboard.type(officers.second.pin);
      await page.keyboard.press('Enter');
      await page.getByText(`${officers.second.name} 已登录`).waitFor();
    },
  ],
];

export const keyboardJourney = [
  [
    'sign-in, presentation and a new inspection need no mouse',
    async ({ officers: page }) => {
      const { keyboard } = page;
      for (const officer of [officers.first, officers.second]) {
        await tabTo(page, `the card of ${officer.name}`, focusIs(officer.credential));
        await keyboard.press('Enter');
        await until('the focus in the PIN field', () => page.evaluate(() => document.activeElement?.id === 'pin'));
        await keyboard.type(officer.pin);
        await keyboard.press('Enter');
        if (officer === officers.first) await page.getByText(`${officer.name} 已登录`).waitFor();
      }
      await page.getByRole('heading', { name: '亮证', level: 1 }).waitFor();
      await tabTo(page, 'the button that records the presentation', focusIs('已出示，记录亮证'));
      await keyboard.press('Enter');
      await page.getByText('今天的工作').waitFor();
      await tabTo(page, 'the link to a new inspection', focusIs('开始一次检查'));
      await keyboard.press('Enter');
      await page.getByRole('heading', { name: '开始检查', level: 1 }).waitFor();
      const typed = {
        'party.name': '张三',
        'party.phone': '13900000000',
        'vehicle.plate': '豫S12345',
        'place.text': 'G107 示例收费站',
      };
      for (const [path, text] of Object.entries(typed)) {
        await tabTo(page, path, focusIsField(path));
        await keyboard.type(text);
      }
      await keyboard.press('Enter');
      await page.waitForURL(/#\/case\//);
      await page.getByRole('heading', { name: '张三' }).waitFor();
      await tabTo(page, 'the lock', focusIs('锁定'));
      await keyboard.press('Enter');
      await page.getByText('请选择执法人员并输入密码').waitFor();
    },
  ],
];

export const signIn = [
  [
    'the sign-in screen names the agency and its officers',
    async ({ officers: page }) => {
      await page.getByText(officers.first.name).first().waitFor();
      await keepPicture(page, '01-sign-in');
    },
  ],
  [
    'an expired certificate is refused with its article',
    async ({ officers: page }) => {
      await signInByKeyboard(page, officers.expired);
      const notice = page.getByRole('alert').filter({ hasText: '已过期' });
      await notice.waitFor();
      assert.match(await notice.innerText(), /《.+》|第.+条/);
      assert.equal((await call(page, 'start_state')).phase, 'locked');
      await keepPicture(page, '02-expired');
    },
  ],
  [
    'an auxiliary is refused with the article',
    async ({ officers: page }) => {
      await signInByKeyboard(page, officers.auxiliary);
      const notice = page.getByRole('alert').filter({ hasText: '不能执法' });
      await notice.waitFor();
      assert.match(await notice.innerText(), /《.+》|第.+条/);
    },
  ],
  [
    'a wrong PIN is told and the right one is taken, by keyboard',
    async ({ officers: page }) => {
      await pickOfficer(page, officers.first);
      await page.keyboard.type('000000');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: '密码' }).waitFor();
      await keepPicture(page, '03-wrong-pin');
      await until('the PIN field to be empty', async () => (await page.locator('#pin').inputValue()) === '');
      await page.getByText('已输入 0 位').waitFor();
      await page.keyboard.type(officers.first.pin);
      await page.keyboard.press('Enter');
      await page.getByText(`${officers.first.name} 已登录`).waitFor();
      await keepPicture(page, '04-second-officer');
    },
  ],
  [
    'the second officer signs in by tapping the digits',
    async ({ officers: page }) => {
      await signInByTap(page, officers.second);
      await page.getByRole('heading', { name: '亮证', level: 1 }).waitFor();
      await keepPicture(page, '05-present');
    },
  ],
];

export const presenting = [
  [
    'before presenting an inspection is refused with the article',
    async ({ officers: page }) => {
      await goTo(page, '/open');
      const notice = page.getByRole('alert').filter({ hasText: '尚未亮证' });
      await notice.first().waitFor();
      await fillInspection(page);
      await page.locator('form').getByRole('button', { name: '开始检查' }).click();
      await until('the article', async () => /《.+》|第.+条/.test(await notice.last().innerText()));
      assert.ok(page.url().endsWith('#/open'));
      await keepPicture(page, '06-not-presented');
    },
  ],
  [
    'presenting opens the way',
    async ({ officers: page }) => {
      await present(page);
      await page.getByRole('link', { name: '开始一次检查' }).waitFor();
      await keepPicture(page, '07-home-empty');
    },
  ],
  [
    'the badge shows both officers and a code that a phone reads',
    async (stage) => {
      const page = stage.officers;
      await goTo(page, '/badge');
      for (const { name, credential } of [officers.first, officers.second]) {
        await page.getByText(name).first().waitFor();
        await page.getByText(credential).first().waitFor();
      }
      stage.scanned = await until('the code to be read', () => scan(page));
      const shown = await call(page, 'badge');
      assert.ok(stage.scanned.startsWith(`${stage.house.url}/v#`), stage.scanned);
      assert.ok(shown.period_s <= 30, `a code stands for ${shown.period_s} s`);
      await keepPicture(page, '08-badge');
    },
  ],
  [
    'the code can be read on the small screen too',
    async ({ officers: page }) => {
      await page.setViewportSize({ width: 1024, height: 600 });
      try {
        assert.ok(await until('the code to be read', () => scan(page)));
      } finally {
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    },
  ],
  [
    'anyone with a phone learns that the officers are valid',
    async (stage) => {
      stage.phone = await phonePage(stage);
      const address = await until('the code to be read', () => scan(stage.officers));
      await stage.phone.goto(address);
      await stage.phone.getByRole('heading', { name: '身份有效' }).waitFor();
      for (const { name } of [officers.first, officers.second]) await stage.phone.getByText(name).first().waitFor();
      await until('the portraits', () =>
        stage.phone.evaluate(
          () => [...document.images].length >= 2 && [...document.images].every((image) => image.naturalWidth > 0),
        ),
      );
      await keepPicture(stage.phone, '09-phone-valid', { sizes: { phone: { width: 390, height: 844 } } });
    },
  ],
  [
    'marks that a scanner appends do no harm',
    async (stage) => {
      const address = await until('the code to be read', () => scan(stage.officers));
      await stage.phone.goto(`${address}。 ”`);
      await stage.phone.reload();
      await stage.phone.getByRole('heading', { name: '身份有效' }).waitFor();
    },
  ],
  [
    'a forged code is clearly not valid',
    async (stage) => {
      const { phone, house } = stage;
      for (const [token, title] of [
        ['garbage', /读不出这个码|二维码不是真的/],
        [flipped(stage.scanned), /不是真的|读不出/],
      ]) {
        await phone.goto(`${house.url}/v#${token}`);
        await phone.reload();
        await phone.getByRole('heading', { name: title }).waitFor();
        assert.equal(await phone.getByText('身份有效').count(), 0);
      }
      await keepPicture(phone, '10-phone-forged', { sizes: { phone: { width: 390, height: 844 } } });
    },
  ],
  [
    'the page without a code offers to check a document',
    async (stage) => {
      await stage.phone.goto(`${stage.house.url}/v`);
      await stage.phone.getByText('核验一份文书').waitFor();
      await keepPicture(stage.phone, '11-phone-empty', { sizes: { phone: { width: 390, height: 844 } } });
    },
  ],
];

/** The same code with one letter in the middle of its signature changed. */
function flipped(scanned) {
  const token = scanned.slice(scanned.indexOf('#') + 1);
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

export const opening = [
  [
    'a wrong check digit is a finding at its field, a right one is none',
    async ({ officers: page }) => {
      await goTo(page, '/open');
      await page.getByRole('heading', { name: '开始检查', level: 1 }).waitFor();
      await fillInspection(page);
      await write(page, 'party', '证件号码', `${party.identity.slice(0, -1)}8`);
      await write(page, 'party', '统一社会信用代码', `${party.credit.slice(0, -1)}8`);
      const field = page.locator('#field-party-id_no');
      const finding = page.locator('#field-party-id_no-findings');
      await finding.waitFor();
      await page.locator('#field-party-uscc-findings').waitFor();
      assert.equal(await field.getAttribute('aria-invalid'), 'true');
      assert.match(await field.getAttribute('aria-describedby'), /field-party-id_no-findings/);
      await keepPicture(page, '12-open-findings', { tall: true });
      await write(page, 'party', '证件号码', party.identity);
      await write(page, 'party', '统一社会信用代码', party.credit);
      await finding.waitFor({ state: 'detached' });
      await page.locator('#field-party-uscc-findings').waitFor({ state: 'detached' });
    },
  ],
  [
    'the place comes from pasted NMEA sentences',
    async ({ officers: page }) => {
      await press(page, '粘贴定位数据');
      await page.getByLabel('NMEA 语句').fill('$GPGGA,031522.00,3207.4040,N,11404.5380,E,1,09,0.9,82.1,M,0.0,M,,*68');
      await press(page, '采用');
      const told = await until('an answer', async () =>
        (await page.getByText(/已定位/).count()) ? 'fixed' : (await page.getByRole('alert').count()) && 'refused',
      );
      await keepPicture(page, '13-position');
      assert.equal(told, 'fixed');
    },
  ],
  [
    'signs that no paper can carry are refused at their field',
    async ({ officers: page }) => {
      await write(page, 'party', '住址', unprintable);
      const finding = page.locator('#field-party-address-findings');
      await finding.waitFor();
      assert.match(await finding.innerText(), /U\+202E/);
      await page.locator('form').getByRole('button', { name: '开始检查' }).click();
      await page.locator('form > .notice').waitFor();
      assert.ok(page.url().endsWith('#/open'));
      assert.equal(await page.locator('#field-party-address').inputValue(), unprintable);
      await keepPicture(page, '14-unprintable');
    },
  ],
  [
    'hostile text opens an inspection and comes back letter by letter',
    async (stage) => {
      const page = stage.officers;
      await write(page, 'party', '住址', hostile);
      await write(page, 'party', '联系电话', '13800000000');
      await section(page, 'party')
        .getByLabel(/^联系电话/)
        .last()
        .fill('13800000000');
      await write(page, 'place', '地点', hostile);
      stage.caseId = await beginInspection(page);
      await page.reload();
      await page.getByRole('heading', { name: '基本情况' }).waitFor();
      const view = await call(page, 'case', { case_id: stage.caseId });
      assert.equal(view.party.address, hostile);
      assert.equal(view.place.text, hostile);
      await press(page, '修改基本情况');
      const dialog = page.getByRole('dialog');
      assert.equal(await dialog.locator('#field-party-address').inputValue(), hostile);
      await keepPicture(page, '15-case-facts-dialog');
      await write(dialog, 'party', '住址', '示例市示例区样板路 8 号');
      await write(dialog, 'place', '地点', 'G999 示例线检查点');
      await press(dialog, '保存');
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('示例市示例区样板路 8 号').first().waitFor();
      await keepPicture(page, '16-case-new', { tall: true });
    },
  ],
];

/** What nobody should type, and what somebody will paste. */
export const hostile = `<script>alert(1)</script> <img src=x onerror=alert(2)> '; DROP TABLE cases; -- "&amp;" \\u0000 %00 {{7*7}} 𠮷䶮 ../../etc`;
export const unprintable = `\u202eעברית 👮🏽\u200d♀️ e\u0301 \u200b${hostile}`;
