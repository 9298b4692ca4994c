// The agency's seal: put on at headquarters, and on paper that bears it already.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, keepPicture, root, strangersPage, until } from './stage.mjs';
import { fillOrder, signAndIssue } from './instruments.mjs';
import { chooseIn, goTo, press } from './officer.mjs';

/** The example agency works with seals in this way from now on, and the terminal knows. */
async function workWith({ house, officers: page }, mode) {
  const example = readFileSync(join(root, 'forms/packs/transport/agencies/example.toml'), 'utf8');
  const line = `[parameters]\nseal_mode = { value = "${mode}", source = "机关决定" }\n`;
  const file = join(house.dir, 'agency.toml');
  writeFileSync(file, example.replace('[parameters]\n', line));
  house.publishAgency(file);
  await call(page, 'sync_now');
  await until(`the terminal to work with ${mode}`, async () => (await call(page, 'seal_stock')).mode === mode);
}

async function atConsole(stage, user) {
  const page = await strangersPage(stage);
  await page.goto(`${stage.house.url}/console.html`);
  await page.getByLabel('用户名').fill(user);
  await page.getByLabel('密码').fill(stage.house.users[user]);
  await press(page, '登录');
  await page.getByRole('heading', { name: '案件' }).waitFor();
  return page;
}

const printForm = (page) => page.locator('section[aria-labelledby="print-title"]');

export const sealing = [
  [
    'a paper that headquarters has to seal says so and is not delivered',
    async (stage) => {
      const { officers: page, caseId } = stage;
      await workWith(stage, 'headquarters');
      await fillOrder(page, caseId);
      assert.match((await signAndIssue(page)) ?? '', /\d/);
      stage.order = new URL(page.url()).hash.slice(1);
      await page.getByText('待盖章').first().waitFor();
      await page.getByText('还没有盖章').first().waitFor();
      assert.equal(await page.getByRole('button', { name: '记录送达' }).count(), 0);
      await keepPicture(page, '82-waits-for-seal', { tall: true });
      await call(page, 'sync_now');
    },
  ],
  [
    'the keeper of the seal looks at the paper and seals it',
    async (stage) => {
      const keeper = await atConsole(stage, 'seal_keeper');
      await keeper.getByRole('link', { name: '待办' }).click();
      const row = keeper.getByRole('row').filter({ hasText: '责令改正违法行为通知书' });
      await row.getByRole('button', { name: '办理' }).click();
      const dialog = keeper.getByRole('dialog');
      await dialog.locator('iframe').waitFor();
      await keepPicture(keeper, '83-seal-dialog');
      await dialog.getByRole('button', { name: '盖章', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
      await row.waitFor({ state: 'detached' });
      await keeper.context().close();
    },
  ],
  [
    'the sealed copy comes down by itself and is delivered',
    async (stage) => {
      const { officers: page } = stage;
      await call(page, 'sync_now');
      await goTo(page, stage.order);
      await page.getByText(/№\d{8}/).first().waitFor();
      const [response] = await Promise.all([
        page.waitForResponse((arrived) => arrived.url().includes('/sealed.pdf')),
        chooseIn(page, '正本', '盖章件'),
      ]);
      assert.equal(response.headers()['content-type'], 'application/pdf');
      await chooseIn(page, '正本', '页面');
      await keepPicture(page, '84-sealed', { tall: true });
      await press(page, '记录送达');
      await page.getByText(/直接送达/).first().waitFor();
    },
  ],
  [
    'a clerk hands out pre-sealed paper and the officer is asked for the sheet',
    async (stage) => {
      const { officers: page, caseId } = stage;
      const clerk = await atConsole(stage, 'clerk');
      await clerk.getByRole('link', { name: '用印' }).click();
      await clerk.getByLabel('领用终端').selectOption({ label: '测试终端' });
      await clerk.getByLabel('首张编号').fill('A000101');
      await clerk.getByLabel('张数').fill('20');
      await press(clerk, '登记发放');
      await clerk.getByText(/A000120/).first().waitFor();
      await keepPicture(clerk, '85-seals-console');
      await clerk.context().close();
      await workWith(stage, 'pre_sealed');
      await until('the sheets', async () => (await call(page, 'seal_stock')).sheets_left === 20);
      await fillOrder(page, caseId);
      await signAndIssue(page);
      const added = await call(page, 'add_printer', {
        name: 'A4 打印机',
        language: 'ipp',
        address: 'ipp://127.0.0.1:9/ipp/print',
        width_dots: 1680,
      });
      assert.equal(added.printers.length, 2);
      await page.reload();
      const form = printForm(page);
      await form.getByLabel('打印机').selectOption({ label: 'A4 打印机' });
      const number = form.getByLabel('预盖章纸编号');
      await until('the next sheet', async () => (await number.inputValue()) === 'A000101');
      await press(form, '打印');
      await form.getByText('预盖章纸 A000101').waitFor();
      await number.fill('A000101');
      await press(form, '打印');
      await form.getByText('这张预盖章纸已经用过了。').waitFor();
      await keepPicture(page, '86-sheet-used', { tall: true });
      await form.getByRole('button', { name: '取消打印' }).first().click();
      await goTo(page, '/printing');
      await page.getByText('印章纸和印模').waitFor();
      await keepPicture(page, '87-sheets');
      await workWith(stage, 'by_hand');
    },
  ],
];
