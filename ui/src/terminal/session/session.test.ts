import type { VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeTerminal } from '@/testing/fake-terminal';
import { mountOnTerminal, settled } from '@/testing/mount';
import PresentScreen from '../presentation/PresentScreen.vue';
import OpenScreen from '../inspection/OpenScreen.vue';
import SignInScreen from './SignInScreen.vue';

let page: VueWrapper;
// No second passes, so that a wait stays as long as it was told.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => {
  page.unmount();
  vi.useRealTimers();
});

async function enter(number: string, pin: string): Promise<void> {
  await page
    .findAll('button')
    .find((button) => button.text().includes(number))
    ?.trigger('click');
  await page.get('#pin').setValue(pin);
  await page.get('form').trigger('submit');
  await settled();
}

describe('signing in', () => {
  test('two officers, one after the other, lead to presenting', async () => {
    const opened = await mountOnTerminal(SignInScreen, {}, fakeTerminal('locked'));
    page = opened.page;
    await enter('99010001', '135790');
    expect(page.text()).toContain('赵明甲 已登录');
    await enter('99010002', '135790');
    expect(opened.router.currentRoute.value.name).toBe('present');
  });

  test('an expired certificate is refused with its article', async () => {
    ({ page } = await mountOnTerminal(SignInScreen, {}, fakeTerminal('locked')));
    await enter('99010003', '135790');
    expect(page.get('[role=alert]').text()).toContain('执法证 99010003 已过期');
    expect(page.get('[role=alert]').text()).toContain('《行政处罚法》第四十二条');
  });

  test('a wrong PIN is cleared and has to wait', async () => {
    const opened = await mountOnTerminal(SignInScreen, {}, fakeTerminal('locked'));
    page = opened.page;
    await enter('99010001', '000000');
    expect((page.get('#pin').element as HTMLInputElement).value).toBe('');
    expect(page.get('#pin-state').text()).toBe('请等待 5 秒后再试');
    await enter('99010001', '135790');
    expect(opened.host.calls.filter(({ name }) => name === 'sign_in')).toHaveLength(1);
  });

  test('the keys of the pad write like the keyboard', async () => {
    ({ page } = await mountOnTerminal(SignInScreen, {}, fakeTerminal('locked')));
    await page
      .findAll('button')
      .find((button) => button.text().includes('99010001'))
      ?.trigger('click');
    for (const key of ['1', '3', '5']) {
      await page
        .findAll('.key')
        .find((button) => button.text() === key)
        ?.trigger('click');
    }
    expect((page.get('#pin').element as HTMLInputElement).value).toBe('135');
  });
});

describe('before anything else', () => {
  test('presenting is recorded as it was done', async () => {
    const opened = await mountOnTerminal(PresentScreen, {}, fakeTerminal('ready'));
    page = opened.page;
    await page.get('input[value=refused]').setValue(true);
    await page.get('form').trigger('submit');
    await settled();
    expect(opened.host.calls.find(({ name }) => name === 'present')?.payload).toEqual({
      method: 'qr',
      acknowledgement: 'refused',
      uniform_worn: true,
      place: null,
    });
  });

  test('an inspection before presenting is refused with the way there', async () => {
    const opened = await mountOnTerminal(OpenScreen, {}, fakeTerminal('ready'));
    page = opened.page;
    await page.get('form').trigger('submit');
    await settled();
    const alerts = page.findAll('[role=alert]').map((alert) => alert.text());
    expect(alerts.some((text) => text.includes('《行政处罚法》第五十五条'))).toBe(true);
  });

  test('pressing twice opens one inspection', async () => {
    const opened = await mountOnTerminal(OpenScreen, {}, fakeTerminal('presented'));
    page = opened.page;
    await page.get('#field-place-text').setValue('G107');
    await page.get('form').trigger('submit');
    await page.get('form').trigger('submit');
    await settled();
    expect(opened.host.cases.size).toBe(1);
    expect(opened.router.currentRoute.value.path).toMatch(/^\/case\//);
  });
});

describe('a PIN', () => {
  async function write(pin: string): Promise<void> {
    await page.get('#pin').setValue(pin);
    await page.get('form').trigger('submit');
    await settled();
  }

  async function choose(number: string): Promise<void> {
    const found = page.findAll('button').find((button) => button.text().includes(number));
    await found?.trigger('click');
    await settled();
  }

  test('an officer without one gets it with a colleague, written twice', async () => {
    const host = fakeTerminal('locked');
    const [, newcomer] = host.officers;
    if (newcomer) newcomer.has_pin = false;
    ({ page } = await mountOnTerminal(SignInScreen, {}, host));
    await choose('99010002');
    expect(page.text()).toContain('请一名能登录本机的执法人员先输入自己的密码');
    expect(page.text()).toContain('赵明甲 的密码');
    await write('135790');
    await write('123');
    expect(page.get('[role=alert]').text()).toBe('新密码应当是 6 到 12 位数字。');
    await write('246813');
    await write('246814');
    expect(page.get('[role=alert]').text()).toContain('不一样');
    expect(host.calls.some(({ name }) => name === 'set_pin')).toBe(false);
    await write('246813');
    await write('246813');
    expect(host.calls.find(({ name }) => name === 'set_pin')?.payload).toEqual({
      credential_no: '99010002',
      new_pin: '246813',
      by: '99010001',
      by_pin: '135790',
    });
    expect(page.get('[role=status]').text()).toContain('请用新密码登录');
  });

  test('a wrong one of the colleague begins anew', async () => {
    const host = fakeTerminal('locked');
    const [, newcomer] = host.officers;
    if (newcomer) newcomer.has_pin = false;
    ({ page } = await mountOnTerminal(SignInScreen, {}, host));
    await choose('99010002');
    for (const pin of ['000000', '246813', '246813']) await write(pin);
    expect(page.get('label[for=pin]').text()).toBe('赵明甲 的密码');
    expect(page.get('#pin-state').text()).toBe('请等待 5 秒后再试');
  });

  test('one changes it with the one they have', async () => {
    const host = fakeTerminal('locked');
    ({ page } = await mountOnTerminal(SignInScreen, {}, host));
    await choose('99010001');
    await choose('更改密码');
    expect(page.get('label[for=pin]').text()).toBe('现在的密码');
    for (const pin of ['135790', '246813', '246813']) await write(pin);
    const call = host.calls.find(({ name }) => name === 'set_pin');
    expect(call?.payload).toMatchObject({ credential_no: '99010001', by: '99010001' });
  });
});
