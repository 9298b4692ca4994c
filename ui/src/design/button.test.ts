import { mount } from '@vue/test-utils';
import { afterEach, expect, test, vi } from 'vitest';
import AppButton from './AppButton.vue';

afterEach(() => {
  vi.useRealTimers();
});

test('a press is heard when the clock has been set back since the button appeared', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 3_600_000 });
  const onClick = vi.fn();
  const button = mount(AppButton, { props: { onClick }, slots: { default: '签发' } });
  vi.setSystemTime(1_000);
  (button.element as HTMLElement).click();
  expect(onClick).toHaveBeenCalledTimes(1);
});

test('a busy or disabled button keeps the focus and swallows the press, the form stays unsent', async () => {
  const onClick = vi.fn();
  const onAround = vi.fn();
  const onSubmit = vi.fn((event: Event) => event.preventDefault());
  const form = mount(
    {
      components: { AppButton },
      props: ['busy', 'disabled'],
      setup: () => ({ onClick, onAround, onSubmit }),
      template:
        '<form @submit="onSubmit"><div @click="onAround"><AppButton type="submit" v-bind="$props" @click="onClick">提交</AppButton></div></form>',
    },
    { attachTo: document.body },
  );
  for (const held of [{ busy: true }, { busy: false, disabled: true }]) {
    await form.setProps(held);
    form.get('button').element.click();
    expect([onClick, onAround, onSubmit].map((heard) => heard.mock.calls.length)).toEqual([0, 0, 0]);
    expect(form.get('button').element.disabled).toBe(false);
  }
  await form.setProps({ disabled: false });
  form.get('button').element.click();
  expect(onClick).toHaveBeenCalledTimes(1);
  expect(onSubmit).toHaveBeenCalledTimes(1);
  form.unmount();
});
