import type { ObjectRow } from '@/generated/console';

/** A PDF that headquarters makes anew each time it is asked for; it is kept nowhere and has no hash. */
export const madePdf = (stream: string): ObjectRow => ({
  sha256: '',
  size_bytes: 0,
  media_type: 'application/pdf',
  is_here: true,
  received_bytes: 0,
  received_at: null,
  stream,
});
