// The console's work in Debian's Chromium: approve, review, check, release, revoke, withdraw, hand out codes.
// Started by `cargo test -p sanxiang-hq --test headquarters -- --ignored console_in_a_browser`, which serves a
// headquarters with cases and says where: node office.mjs ADDRESS. Pictures go to out/screens.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { patience_ms } from '../window/house.mjs';

const address = process.argv[2];
const pictures = join(fileURLToPath(new URL('../..', import.meta.url)), 'out/screens');
const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync) ?? '/usr/bin/chromium';
const complaints = [];
const browser = await chromium.launch({
  executablePath: program,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
});

/** A person in front of a browser of their own. */
async function person(user) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`threw ${error.message}`));
  page.on('console', (message) => {
    const { url } = message.location();
    const isAnswer = /^Failed to load resource/.test(message.text()) && /\/rpc\/|\/stream\//.test(url);
    if (message.type() === 'error' && !isAnswer) complaints.push(`${message.text()} (${url})`);
  });
  if (user) {
    await page.goto(`${address}/console`);
    await page.getByLabel('用户名').fill(user);
    await page.getByLabel('密码').fill(`example-${user}`);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '待办' }).click();
    await page.getByRole('heading', { name: '待办' }).waitFor();
  }
  return page;
}

const shoot = async (page, name) => {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
};
const row = (page, text) => page.getByRole('row').filter({ hasText: text });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

const cases = [
  [
    'the unit’s head returns nothing and the head approves beside the paper',
    async () => {
      const page = await person('unit_head');
      await row(page, '立案登记表').getByRole('button', { name: '办理' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('iframe').waitFor();
      await dialog.getByLabel('退回').check();
      await press(dialog, '提交审批');
      assert.equal(await dialog.count(), 1, 'a return without a reason stays open');
      await dialog.getByLabel('同意', { exact: true }).check();
      await dialog.getByRole('textbox', { name: '意见' }).fill('拟同意立案');
      await shoot(page, 'c1-approval');
      await press(dialog, '提交审批');
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('没有等您办理的事').waitFor();
      const head = await person('head');
      await row(head, '立案登记表').getByRole('button', { name: '办理' }).click();
      await press(head.getByRole('dialog'), '提交审批');
      await head.getByText('没有等您办理的事').waitFor();
      await shoot(head, 'c2-queue-empty');
    },
  ],
  [
    'who has no legal qualification is told so, who has one reviews item by item',
    async () => {
      for (const user of ['legal_new', 'legal']) {
        const page = await person(user);
        await row(page, '法制审核送审表').getByRole('button', { name: '办理' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('第 1 次审核').waitFor();
        for (const choice of await dialog.getByRole('combobox').all()) await choice.selectOption('yes');
        await dialog.getByLabel('裁量基准运用是否适当 结果').selectOption('no');
        await dialog.getByLabel('裁量基准运用是否适当 说明').fill('理由缺');
        await dialog.getByLabel('存在问题').check();
        await dialog.getByRole('textbox', { name: '理由', exact: true }).fill('裁量理由没有写明');
        await press(dialog, '提交审核意见');
        if (user === 'legal_new') {
          const notice = dialog.getByRole('alert');
          await notice.getByText('没有法律职业资格').waitFor();
          await notice.getByText('请由登记了资格证号的审核人员办理').waitFor();
          await shoot(page, 'c3-review-refused');
        } else {
          await dialog.waitFor({ state: 'detached' });
          await page.getByText('没有等您办理的事').waitFor();
        }
      }
    },
  ],
  [
    'one checks the page, another releases it, and everybody can read it',
    async () => {
      const first = await person('discloser');
      await row(first, '公示审核').getByRole('button', { name: '办理' }).click();
      const dialog = first.getByRole('dialog');
      const shown = dialog.locator('article');
      await shown.getByText('冯试例').first().waitFor();
      const text = await shown.innerText();
      for (const hidden of ['990000198803050016', '13900000001', 'T0001']) assert.ok(!text.includes(hidden), hidden);
      await shoot(first, 'c4-disclosure-check');
      await press(dialog, '审核通过，交他人发布');
      await dialog.getByText('吴公示 已审核').waitFor();
      await press(dialog, '发布');
      await dialog.getByText('审核人不能自己发布').waitFor();
      const second = await person('releaser');
      await row(second, '公示发布').getByRole('button', { name: '办理' }).click();
      await press(second.getByRole('dialog'), '发布');
      await second.getByRole('dialog').getByText('已经公示').waitFor();
      const path = await second.getByRole('link', { name: '打开公示页' }).getAttribute('href');
      const passer = await person(null);
      await passer.goto(`${address}/public`);
      await passer.getByRole('link', { name: /当场行政处罚决定书/ }).waitFor();
      await shoot(passer, 'c5-public-list');
      await passer.goto(`${address}${path}`);
      await passer.locator('article').getByText('冯试例').first().waitFor();
    },
  ],
  [
    'a revoked decision is withdrawn and says why',
    async () => {
      const head = await person('head');
      await head.getByRole('link', { name: '案件' }).click();
      await head.getByRole('link', { name: '冯试例' }).click();
      await press(head, '记录并打开');
      await head.getByRole('heading', { name: '审批与意见' }).waitFor();
      await head.getByText('拟同意立案').waitFor();
      await shoot(head, 'c6-case');
      await head
        .locator('article')
        .filter({ hasText: '当场行政处罚决定书' })
        .getByRole('button', { name: '登记决定的变更或者撤销' })
        .click();
      const dialog = head.getByRole('dialog');
      await dialog.getByLabel('作出机关').fill('示例市人民政府');
      await dialog.getByLabel('日期').fill('2026-03-10');
      await dialog.getByRole('textbox', { name: '理由' }).fill('主要事实不清');
      await press(dialog, '登记');
      await dialog.getByText('应当在 2026年3月13日 前撤回').waitFor();
      const releaser = await person('releaser');
      await row(releaser, '撤回公示').getByText('2026年3月13日').waitFor();
      await releaser.getByRole('link', { name: '公示', exact: true }).click();
      await press(row(releaser, '应当撤回'), '撤回');
      await releaser.getByLabel('撤回理由').fill('决定已被复议机关撤销');
      await shoot(releaser, 'c7-withdraw');
      await press(releaser.getByRole('dialog'), '撤回公示');
      await row(releaser, '已撤回').waitFor();
      const passer = await person(null);
      await passer.goto(`${address}/public`);
      await passer.getByRole('link', { name: /当场行政处罚决定书/ }).click();
      await passer.getByText('理由：决定已被复议机关撤销').waitFor();
      assert.equal(await passer.getByText('冯试例').count(), 0);
      await shoot(passer, 'c8-public-withdrawn');
    },
  ],
  [
    'codes of a head are shown once',
    async () => {
      const head = await person('head');
      await head.getByRole('link', { name: '授权码' }).click();
      await head.getByLabel('有效期至').fill('2026-03-31');
      await press(head, '生成预授权码');
      const dialog = head.getByRole('dialog');
      await dialog.getByText('请抄录').waitFor();
      assert.equal(await dialog.locator('li').count(), 5);
      await shoot(head, 'c9-codes');
      await head.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await head.getByText('已用 0 / 5').waitFor();
    },
  ],
  ['no screen complained', async () => assert.deepEqual(complaints, [])],
];

let failed = 0;
for (const [name, play] of cases) {
  try {
    await play();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`NOT ok ${name}\n        ${String(error.stack ?? error).slice(0, 900)}`);
    for (const context of browser.contexts()) {
      const text = await context.pages()[0]?.evaluate(() => document.body.innerText).catch(() => '');
      if (text) console.log(`        at ${context.pages()[0].url()}: ${text.slice(-400).replaceAll('\n', ' | ')}`);
    }
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
