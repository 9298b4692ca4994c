import { say, textOf, type Args, type ErrorWording } from './errors';
import { yuan } from './format';
import { officeRefusal, officeRefusalsEn } from './office-refusals';

const who = (args: Args) => textOf(args, 'credential_no', 'This credential');

export const errorsEn: ErrorWording = {
  credential_unknown: (a) =>
    say(`${who(a)} cannot sign in`, 'The roster has no such number.', 'Check the number; for a new card, sync first.'),
  credential_expired: (a) =>
    say(
      `Credential ${who(a)} has expired`,
      `It was valid until ${textOf(a, 'expired_on')}.`,
      'Another officer with a valid card has to sign in.',
    ),
  credential_not_yet_valid: (a) =>
    say(
      `Credential ${who(a)} is not valid yet`,
      `It is valid from ${textOf(a, 'valid_from')}.`,
      'Another officer with a valid card has to sign in.',
    ),
  credential_suspended: (a) =>
    say(
      `Credential ${who(a)} is suspended`,
      'The roster says it is not in force.',
      'Another officer with a valid card has to sign in.',
    ),
  not_an_officer: (a) =>
    say(`${who(a)} may not enforce`, 'Auxiliary staff may not do enforcement.', 'An officer has to sign in.'),
  two_officers_needed: () =>
    say('Two officers are needed', 'The law asks for at least two officers.', 'The second officer has to sign in.'),
  not_presented: () =>
    say('Nobody has presented a credential yet', 'Before that no check and no form may start.', 'Go to “Present”.'),
  summary_procedure_not_available: (a) =>
    say(
      'The summary procedure is not available',
      `The fine of ${yuan(Number(a.fine_fen ?? 0))} yuan is above ${yuan(Number(a.limit_fen ?? 0))} yuan.`,
      'Use the ordinary procedure or check the amount.',
    ),
  notice_not_told: () =>
    say(
      'The notice was not told',
      'Facts, grounds, basis and rights have to be told before a penalty.',
      'Read the notice aloud on the case page and note the response.',
    ),
  rectification_missing: () =>
    say(
      'A rectification order is missing',
      'A penalty goes with an order to put things right.',
      'Issue the rectification order first.',
    ),
  numbers_used_up: () =>
    say('No numbers are left', 'The leased block is used up.', 'Sync to get a new block; the draft is kept.'),
  seals_used_up: () =>
    say(
      'No impression of the seal is left',
      'This instrument bears a seal, and the leased impressions are used up.',
      'Sync to get new ones; the draft is kept.',
    ),
  not_sealed: () =>
    say(
      'It is not sealed yet',
      'Headquarters seals this instrument, and the sealed copy has not come.',
      'Sync; record the delivery after it came.',
    ),
  instrument_frozen: (a) =>
    say('The instrument is frozen', `${textOf(a, 'number')} has been issued.`, 'Void it and make a new one.'),
  findings_open: (a) =>
    say('It cannot go on yet', `${textOf(a, 'blocking', 'Some')} findings are open.`, 'Work through the list.'),
  signature_missing: () =>
    say('A signature is missing', 'A required signature or refusal record is missing.', 'Sign, or record the refusal.'),
  instrument_not_issued: () =>
    say('It is not issued yet', 'Only an issued instrument can be delivered, printed or voided.', 'Issue it first.'),
  recording_running: () => say('A recording is running', 'There is one recording at a time.', 'Stop it first.'),
  no_recording_running: () => say('No recording is running', 'It may have stopped.', 'Start a new one if needed.'),
  gate_closed: (a) =>
    officeRefusal(officeRefusalsEn, a) ??
    say(
      textOf(a, 'text', 'The procedure has not come to this step'),
      textOf(a, 'rule') ? `Rule ${textOf(a, 'rule')} asks for something first.` : 'An earlier step is not finished.',
      textOf(a, 'hint', 'Finish the steps before it first.'),
    ),
  case_closed: () =>
    say(
      'The case is closed',
      'A closed case takes no further instruments.',
      'Open a new case if the rules of your agency allow it.',
    ),
  form_unknown: (a) =>
    say('No such form', `The pack does not contain ${textOf(a, 'form', 'it')}.`, 'Sync to update the pack.'),
  locked: () => say('The terminal is locked', 'Nobody is signed in.', 'Sign in again; everything saved is there.'),
  wrong_secret: (a) => {
    const seconds = Number(a.retry_after_s ?? 0);
    return say('Wrong secret', 'It does not fit the user.', seconds > 0 ? `Try again in ${seconds} s.` : 'Try again.');
  },
  delayed: (a) =>
    say(
      'Please wait',
      'There were too many wrong attempts; this is in the journal.',
      `Try again in ${textOf(a, 'retry_after_s', 'some')} s.`,
    ),
  already_signed_in: () =>
    say('This officer is already signed in', 'One person cannot count twice.', 'The other officer has to sign in.'),
  stale: () =>
    say('The draft changed elsewhere', 'Another window saved it after you opened it.', 'Load the latest, then go on.'),
  not_found: () => say('Not found', 'It does not exist or has moved.', 'Go back and look again.'),
  bad_request: () =>
    say('This cannot be processed', 'The content has the wrong shape.', 'Check the input; report the number.'),
  not_allowed: () =>
    say('Not in this window', 'The party’s window can only show and sign.', 'Use the officer’s window.'),
  forbidden: (a) =>
    officeRefusal(officeRefusalsEn, a) ??
    say('No permission', 'Your role may not do this.', 'Ask a colleague with the right role.'),
  disk_full: () =>
    say('The storage is full', 'New content was not written; the old is intact.', 'Sync and free space, or change.'),
  database_damaged: () =>
    say(
      'The local database is damaged',
      'A check failed while reading.',
      'Stop and bring it in; do not erase anything.',
    ),
  clock_implausible: () =>
    say('The clock is implausible', 'It is too far from headquarters’ time.', 'Set the clock and try again.'),
  camera_missing: () =>
    say('No camera found', 'It is not connected or in use.', 'Check the camera; a file can be imported instead.'),
  microphone_missing: () =>
    say('No microphone found', 'It is not connected or in use.', 'Check the microphone and try again.'),
  recording_failed: () =>
    say('The recording broke off', 'A device failed; what was recorded is stored.', 'Start again and give the reason.'),
  not_an_image: () => say('This is not a usable picture', 'Only JPEG and PNG are taken.', 'Choose another file.'),
  too_large: () => say('Too large', 'It is above the allowed size.', 'Shorten it or choose a smaller file.'),
  printer_unreachable: () =>
    say('The printer does not answer', 'It may be off or elsewhere.', 'Check it; the job stays and is tried again.'),
  printer_busy: () => say('The printer is busy', 'It is printing something else.', 'The job stays and is tried again.'),
  headquarters_unreachable: () =>
    say('Headquarters cannot be reached', 'There is no network or no answer.', 'Go on working; it syncs by itself.'),
  not_headquarters: () =>
    say(
      'Something else answered',
      'It may be a public network that wants a login.',
      'Change the network; nothing was sent.',
    ),
  pack_refused: () =>
    say('The pack was refused', 'Signature or content check failed.', 'The old pack stays; call headquarters.'),
  failure: () =>
    say('Something broke', 'What was written before is not affected.', 'Try again; report the number if it stays.'),
  host_unreachable: () => say('No answer', 'The program or server is not running.', 'Wait a moment and try again.'),
};
