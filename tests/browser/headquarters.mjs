// The way to headquarters cut and mended, the console, and who looked at what.
import assert from 'node:assert/strict';
import { call, keepPicture, strangersPage, until } from './stage.mjs';
import { chooseIn, goTo, openCase, party, press } from './officer.mjs';
import { playable } from './evidence.mjs';

export const cut = [
  [
    'with headquarters away the screen says why it waits and when it tries again',
    async (stage) => {
      const { officers: page, house, caseId } = stage;
      await house.stopHeadquarters();
      await goTo(page, `/case/${caseId}/evidence`);
      await press(page, '拍照');
      await goTo(page, '/sync');
      await press(page, '立即同步');
      await page.getByText('连不上总部').first().waitFor();
      await page
        .getByText(/下次尝试 \d/)
        .first()
        .waitFor();
      await page
        .locator('header.bar')
        .getByText(/等待上传/)
        .waitFor();
      await keepPicture(page, '60-offline');
      await goTo(page, '/');
      await page.getByText('连不上总部').first().waitFor();
      await page
        .getByText(/仅在本机/)
        .first()
        .waitFor();
      await keepPicture(page, '61-home-offline');
    },
  ],
  [
    'without headquarters the work goes on',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      await page.getByText('仅在本机').first().waitFor();
      await press(page, '宣读并记录');
      const dialog = page.getByRole('dialog');
      await dialog
        .locator('label')
        .filter({ hasText: /录音|录像/ })
        .first()
        .click();
      await keepPicture(page, '62-notice');
      await press(dialog, '已宣读，记录');
      await dialog.waitFor({ state: 'detached' });
    },
  ],
  [
    'headquarters back: everything arrives and says so',
    async ({ officers: page, house, caseId }) => {
      await house.startHeadquarters();
      await goTo(page, '/sync');
      await press(page, '立即同步');
      await until(
        'everything to arrive',
        async () => {
          const sync = await call(page, 'sync_state');
          return sync.entries_at_headquarters === sync.entries_total && sync.media_pending === 0;
        },
        60_000,
      );
      await page.getByText('已与总部一致').first().waitFor();
      await keepPicture(page, '63-synced');
      await openCase(page, caseId);
      await page.locator('header').getByText('已到总部').first().waitFor();
      const view = await call(page, 'case', { case_id: caseId });
      assert.equal(view.at_headquarters, true);
      assert.ok(view.instruments.every((row) => row.at_headquarters));
      assert.ok(view.evidence.every((row) => row.at_headquarters));
      assert.ok(view.timeline.every((row) => row.at_headquarters));
      await keepPicture(page, '64-case-at-headquarters', { tall: true });
      await goTo(page, '/');
      await page.getByText('全部已到总部').waitFor();
      await keepPicture(page, '65-home-full');
    },
  ],
  [
    'the journal verifies',
    async ({ officers: page }) => {
      await goTo(page, '/sync');
      await press(page, '校验记录');
      await page.getByText('记录完整，没有改动').waitFor();
      await page.getByText(/现有数据：一致/).waitFor();
      await keepPicture(page, '66-verified');
    },
  ],
];

const purpose = '浏览器测试：投诉核查';

export const hq = [
  [
    'the console lets nobody in without a password',
    async (stage) => {
      const { house } = stage;
      stage.console = await strangersPage(stage);
      const page = stage.console;
      await page.goto(`${house.url}/console.html`);
      await page.getByLabel('用户名').fill(Object.keys(house.users)[0]);
      await page.getByLabel('密码').fill('wrong');
      await press(page, '登录');
      await page.getByRole('alert').waitFor();
      await keepPicture(page, '70-console-login');
      await until('the wait to be over', async () => (await page.getByText(/请等待/).count()) === 0);
      await page.getByLabel('密码').fill(Object.values(house.users)[0]);
      await press(page, '登录');
      await page.getByRole('heading', { name: '案件' }).waitFor();
    },
  ],
  [
    'the case stands in the list and opens with a purpose',
    async (stage) => {
      const { console: page } = stage;
      await page.getByRole('searchbox').fill('示A0002');
      const link = page.getByRole('row').filter({ hasText: '示A0002' }).getByRole('link');
      await link.waitFor();
      await keepPicture(page, '71-console-cases');
      await link.click();
      await page.getByLabel('其他事由').fill(purpose);
      await keepPicture(page, '72-console-purpose');
      await press(page, '记录并打开');
      await page.getByRole('heading', { name: party.firm }).waitFor();
      for (const title of ['现场检查记录', '现场笔录', '责令改正违法行为通知书', '当场行政处罚决定书']) {
        await page.getByText(title).first().waitFor();
      }
      await page.getByText('前后相接，没有缺口').waitFor();
      assert.equal(await page.getByText('验签未过').count(), 0);
      await keepPicture(page, '73-console-case', { tall: true });
    },
  ],
  [
    'PDF, ticket and recording load in the console',
    async ({ console: page }) => {
      const [response] = await Promise.all([
        page.waitForResponse(
          (arrived) => /stream\/object/.test(arrived.url()) && /pdf/.test(arrived.headers()['content-type'] ?? ''),
        ),
        press(page, '打开 PDF'),
      ]);
      assert.equal(response.status(), 200);
      const dialog = page.getByRole('dialog');
      await dialog.locator('iframe').waitFor();
      await keepPicture(page, '74-console-pdf');
      await press(dialog, '关闭');
      await page.getByRole('button', { name: '播放' }).first().waitFor();
      for (let at = 0; at < 2; at += 1) {
        await page.getByRole('button', { name: '播放' }).nth(at).click();
        await playable(dialog.locator('video, audio'));
        if (at === 0) await keepPicture(page, '75-console-player');
        await press(dialog, '关闭');
        await dialog.waitFor({ state: 'detached' });
      }
    },
  ],
  [
    'a paper set again from the journal is the one that was issued',
    async ({ console: page }) => {
      await page.getByRole('button', { name: /核对纸面.*当场行政处罚决定书/ }).press('Enter');
      await page.getByRole('status').getByText('一致').waitFor();
      await page.getByText('可以作为原件使用').waitFor();
      await keepPicture(page, '75b-console-paper');
    },
  ],
  [
    'an entry is shown as it was signed',
    async ({ console: page }) => {
      await page.getByRole('button', { name: '原文' }).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('签名值').waitFor();
      await keepPicture(page, '76-console-entry');
      await press(dialog, '关闭');
    },
  ],
  [
    'every look is in the views log with its purpose',
    async ({ console: page }) => {
      await page.getByRole('link', { name: '调阅记录' }).click();
      await page.getByText(purpose).first().waitFor();
      for (const what of ['案卷', '文件', '记录原文', '核对纸面'])
        await page.locator('td').filter({ hasText: what }).first().waitFor();
      await keepPicture(page, '77-console-views');
    },
  ],
  [
    'terminals, officers and the health of the journals are shown',
    async ({ console: page }) => {
      await page.getByRole('link', { name: '终端' }).click();
      await page.getByText('测试终端').waitFor();
      await keepPicture(page, '78-console-terminals');
      await page.getByRole('link', { name: '执法人员' }).click();
      await page.getByText('赵明甲').waitFor();
      await keepPicture(page, '79-console-officers');
      await page.getByRole('link', { name: '记录健康' }).click();
      await page.getByText('全部记录验证通过').waitFor();
      await keepPicture(page, '80-console-health');
    },
  ],
  [
    'anyone can check an issued document by its number',
    async (stage) => {
      const { phone, number, house } = stage;
      await phone.goto(`${house.url}/v`);
      await phone.reload();
      await phone.getByLabel('文书号').fill(number);
      await phone.getByRole('button', { name: '核验' }).click();
      await phone.getByRole('heading', { name: /属实/ }).waitFor();
      await keepPicture(phone, '81-phone-document', { sizes: { phone: { width: 390, height: 844 } } });
    },
  ],
];

export const themes = [
  [
    'night, sunlight and gloves keep everything in reach',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      for (const theme of ['night', 'sunlight']) {
        await page.getByRole('button', { name: /换显示主题/ }).click();
        await keepPicture(page, `90-${theme}`);
      }
      await page.getByRole('button', { name: '手套模式' }).click();
      await keepPicture(page, '91-gloves');
      assert.deepEqual(await overflowing(page), []);
      await page.getByRole('button', { name: '关闭手套模式' }).click();
      await page.getByRole('button', { name: /换显示主题/ }).click();
    },
  ],
  [
    'no screen outgrows the small display',
    async ({ officers: page, caseId, penalty }) => {
      await page.setViewportSize({ width: 1024, height: 600 });
      const places = [
        '/',
        '/present',
        '/badge',
        '/open',
        `/case/${caseId}`,
        `/case/${caseId}/evidence`,
        '/printing',
        '/sync',
      ];
      const wider = {};
      for (const place of [...places, new URL(penalty).hash.slice(1)]) {
        await goTo(page, place);
        await page.locator('h1').first().waitFor();
        const found = await overflowing(page);
        if (found.length) wider[place] = found;
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      assert.deepEqual(wider, {});
    },
  ],
  [
    'what is pressed is at least 48 pixels high',
    async ({ officers: page, caseId }) => {
      const low = {};
      for (const place of [
        '/',
        '/present',
        '/open',
        `/case/${caseId}`,
        `/case/${caseId}/evidence`,
        '/printing',
        '/sync',
      ]) {
        await goTo(page, place);
        await page.locator('h1').first().waitFor();
        const found = await tooLow(page);
        if (found.length) low[place] = found;
      }
      assert.deepEqual(low, {});
    },
  ],
  [
    'locking ends the session',
    async ({ officers: page }) => {
      await press(page, '锁定');
      await page.getByText('请选择执法人员并输入密码').waitFor();
      assert.equal((await call(page, 'start_state')).phase, 'locked');
    },
  ],
];

/** Boxes wider than what shows them, and a page that would scroll as a whole and take its bars with it. */
const overflowing = (page) =>
  page.evaluate(() => {
    const whole = document.documentElement;
    const wide = [whole, ...document.querySelectorAll('main, header, section, dialog')]
      .filter((box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== 'inline')
      .map((box) => `${box.tagName} ${box.className} ${box.scrollWidth} > ${box.clientWidth}`);
    const isTall = whole.scrollHeight > whole.clientHeight + 1;
    return isTall ? [...wide, `the page is ${whole.scrollHeight} high in ${whole.clientHeight}`] : wide;
  });

const tooLow = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, select, input:not([type=radio], [type=checkbox], [type=file]), nav a')]
      .filter((control) => control.offsetParent !== null && control.getBoundingClientRect().height < 47.5)
      .map(
        (control) =>
          `${control.tagName} ${control.textContent?.trim().slice(0, 20)} ${control.getBoundingClientRect().height}`,
      ),
  );
