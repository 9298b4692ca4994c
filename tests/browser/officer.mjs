// What an officer does on the screens, found by the words an officer reads.
import { until } from './stage.mjs';

const begins = (text) => new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(\\s|$)`);

/** A sole trader of the example register; both numbers have their check digits. */
export const party = {
  name: '王样二',
  identity: '990000199108170029',
  firm: '示例区王样二货运部',
  credit: '91990000MA007E5707',
};

/** Goes to a screen as a link would. */
export const goTo = (page, path) => page.evaluate((to) => void (location.hash = to), path);

export const section = (page, key) => page.locator(`section[aria-labelledby="section-${key}"]`);
export const press = (at, name) => at.getByRole('button', { name }).first().click();

export async function write(page, key, label, text) {
  await section(page, key).getByLabel(begins(label)).first().fill(text);
}

export async function choose(page, key, label, option) {
  await chooseIn(section(page, key), label, option);
}

export async function chooseIn(at, label, option) {
  const group = at.getByRole('group', { name: begins(label) }).first();
  await group
    .locator('label')
    .filter({ hasText: begins(option) })
    .click();
}

/** The moment so many minutes ago as the two boxes of a date-and-time field take it. */
export async function writeMoment(page, key, label, minutesAgo) {
  const at = new Date(Date.now() - minutesAgo * 60_000 + 8 * 3600_000).toISOString();
  const group = section(page, key).getByRole('group', { name: begins(label) });
  await group.locator('input[type=date]').fill(at.slice(0, 10));
  await group.locator('input[type=time]').fill(at.slice(11, 16));
}

export async function pressNow(page, key, label) {
  await section(page, key)
    .getByRole('group', { name: begins(label) })
    .getByRole('button', { name: '现在' })
    .click();
}

export async function pickOfficer(page, officer) {
  await page.getByRole('button').filter({ hasText: officer.credential }).click();
}

export async function signInByKeyboard(page, officer) {
  await pickOfficer(page, officer);
  await page.keyboard.type(officer.pin);
  await page.keyboard.press('Enter');
}

export async function signInByTap(page, officer) {
  await page.getByRole('button').filter({ hasText: officer.credential }).tap();
  const keys = page.getByRole('group', { name: '密码' });
  for (const digit of officer.pin) await keys.getByRole('button', { name: digit, exact: true }).tap();
  await page.getByRole('button', { name: '登录', exact: true }).tap();
}

export async function present(page) {
  await goTo(page, '/present');
  await press(page, '已出示，记录亮证');
  await page.getByText('今天的工作').waitFor();
}

export async function fillInspection(page) {
  await choose(page, 'party', '当事人类型', '个体工商户');
  await write(page, 'party', '名称', party.firm);
  await write(page, 'party', '统一社会信用代码', party.credit);
  await write(page, 'party', '姓名', party.name);
  await write(page, 'party', '证件号码', party.identity);
  await choose(page, 'party', '性别', '女');
  await write(page, 'party', '住址', '示例市示例区样板路 8 号');
  await write(page, 'vehicle', '车牌号', '示A0002');
  await write(page, 'vehicle', '车辆类型', '重型半挂牵引车');
  await write(page, 'place', '地点', 'G999 示例线检查点');
}

export async function beginInspection(page) {
  await page.locator('form').getByRole('button', { name: '开始检查' }).click();
  await page.waitForURL(/#\/case\/[^/]+$/);
  return /#\/case\/([^/]+)$/.exec(page.url())[1];
}

export const openCase = async (page, caseId) => {
  await goTo(page, `/case/${caseId}`);
  await page.getByRole('heading', { name: '接下来' }).waitFor();
};

/** Picks a form from the list of the case. */
export async function startForm(page, caseId, title) {
  await openCase(page, caseId);
  await press(page, '新建文书');
  const named = page.locator('strong').filter({ hasText: begins(title) });
  await page.getByRole('dialog').getByRole('button').filter({ has: named }).click();
  await page.waitForURL(/#\/instrument\//);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

export async function tellNotice(page, caseId, title) {
  await openCase(page, caseId);
  await press(page, '宣读并记录');
  const dialog = page.getByRole('dialog');
  await dialog.locator('label').filter({ hasText: begins(title) }).click();
  await press(dialog, '已宣读，记录');
  await dialog.waitFor({ state: 'detached' });
}

export async function saved(page) {
  await page.getByText('已保存', { exact: true }).waitFor();
}

/** Everything the core found is mended. */
export async function withoutFindings(page) {
  await saved(page);
  await page.getByText(/可以签名和制发/).waitFor();
}

export const openTab = (page, name) => page.getByRole('tab', { name }).click();

/** Writes a name with the mouse, as a finger or pen would. */
export async function draw(page, pad) {
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  for (const row of [0.3, 0.55]) {
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * row);
    await page.mouse.down();
    for (let step = 1; step <= 12; step += 1) {
      const lift = Math.sin(step) * box.height * 0.14;
      await page.mouse.move(box.x + box.width * (0.2 + step * 0.045), box.y + box.height * row + lift);
    }
    await page.mouse.up();
  }
}

const signerLines = (page) => page.locator('section[aria-labelledby="sign-title"] li');

export async function openSigning(page, index) {
  await signerLines(page).nth(index).getByRole('button', { name: /签名/ }).click();
  return page.getByRole('dialog');
}

export async function sign(page, index) {
  const dialog = await openSigning(page, index);
  await draw(page, dialog.getByTestId('signature-pad'));
  await press(dialog, '确认签名');
  await dialog.waitFor({ state: 'detached' });
}

export async function refuseToSign(page, index) {
  const dialog = await openSigning(page, index);
  await press(dialog, '记录拒签');
  await dialog.getByLabel('拒签原因').fill('当事人认为处罚过重，拒绝签名');
  await dialog.getByLabel('见证人姓名').fill('李见证');
  await dialog.getByLabel('见证人电话').fill('13900000000');
  await press(dialog, '记录拒签');
  await dialog.waitFor({ state: 'detached' });
}

/** Issues what is signed and answers the number, null where a form has none. */
export async function issue(page) {
  await press(page, '制发文书');
  await press(page.getByRole('dialog'), '确认制发');
  await page.getByRole('tab', { name: '正本' }).waitFor();
  const number = page.locator('dt', { hasText: '文书号' }).locator('xpath=following-sibling::dd[1]');
  const text = (await number.innerText()).trim();
  return text === '不编号' ? null : text;
}

/** Presses Tab until the focus stands where the test wants it; a mouse is never touched. */
export async function tabTo(page, what, isThere, most = 90) {
  for (let step = 0; step < most; step += 1) {
    if (await page.evaluate(isThere)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${what} cannot be reached by Tab`);
}

export const focusIs = (text) =>
  `(() => { const at = document.activeElement; const of = at?.closest('label') ?? at;
     return !!at && at !== document.body && at.tagName !== 'MAIN' && of.textContent.includes(${JSON.stringify(text)}); })()`;

export const focusIsField = (path) =>
  `document.activeElement?.id === ${JSON.stringify(`field-${path.replaceAll('.', '-')}`)}`;

export const untilText = (page, text) => until(text, () => page.getByText(text).first().isVisible());
