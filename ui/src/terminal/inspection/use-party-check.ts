import { ref, watch, type Ref } from 'vue';
import { terminal } from '@/client/terminal';
import type { Finding } from '@/generated/law';
import { valueAt, type FormValue } from '@/fields/paths';

/** Findings at the party and vehicle while they are typed. */
export function usePartyCheck(value: Ref<FormValue>, withVehicle: Ref<boolean>) {
  const host = terminal.useHost();
  const findings = ref<Finding[]>([]);
  const isChecking = ref(false);
  let pause: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  watch(
    [() => value.value.party, () => value.value.vehicle, withVehicle],
    () => {
      clearTimeout(pause);
      isChecking.value = true;
      pause = setTimeout(() => void check(), 350);
    },
    { immediate: true },
  );

  async function check(): Promise<void> {
    const turn = ++asked;
    const party = (value.value.party ?? {}) as FormValue;
    const vehicle = withVehicle.value ? ((value.value.vehicle ?? {}) as FormValue) : null;
    const answer = await host.call('check_party', { party, vehicle }).catch(() => null);
    if (turn !== asked) return;
    findings.value = answer?.findings ?? [];
    isChecking.value = false;
  }

  /** A field nobody has touched yet is not blamed for being empty. */
  const atTouched = () =>
    findings.value.filter(
      ({ field }) => field === '' || ![undefined, ''].includes(valueAt(value.value, field) as never),
    );

  return { findings, isChecking, atTouched };
}
