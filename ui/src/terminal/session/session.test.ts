import type { VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeTerminal } from '@/testing/fake-terminal';
import { mountOnTerminal, settled } from '@/testing/mount';
import PresentScreen from '../presentation/PresentScreen.vue';
import OpenScreen from '../inspection/OpenScreen.vue';
import SignInScreen from './SignInScreen.vue';

let page: VueWrapper;
afterEach(() => page.unmount());

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
