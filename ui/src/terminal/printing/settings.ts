import type { PrinterRow } from '@/generated/terminal';

/** What an officer sets for a printer, as the controls hold it. */
export interface Setting {
  paper: string;
  darkness: string;
  /** Millimetres to the right. */
  offset: number;
}

/** 203 dots an inch. */
const DOTS_PER_MM = 8;

export const usual = (): Setting => ({ paper: '576', darkness: '0', offset: 0 });

export function settingOf(printer: PrinterRow): Setting {
  return {
    paper: String(printer.width_dots || 576),
    darkness: String(printer.darkness),
    offset: printer.offset_dots / DOTS_PER_MM,
  };
}

export function dotsOf(setting: Setting): { width_dots: number; darkness: number; offset_dots: number } {
  return {
    width_dots: Number(setting.paper),
    darkness: Number(setting.darkness),
    // An emptied box is no number.
    offset_dots: Math.round((Number(setting.offset) || 0) * DOTS_PER_MM),
  };
}
