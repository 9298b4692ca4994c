import { say, textOf, type Args, type ErrorWording } from './errors';
import { date, yuan } from './format';
import { officeRefusal, officeRefusalsZh } from './office-refusals';

const who = (args: Args) => textOf(args, 'credential_no', '该证件');
const wait = (args: Args) => textOf(args, 'retry_after_s', '几');

export const errorsZh: ErrorWording = {
  credential_unknown: (a) =>
    say(`执法证 ${who(a)} 不能登录`, '名册上没有这个证号。', '核对证号；新证请先让总部更新名册，再联网同步。'),
  credential_expired: (a) =>
    say(
      `执法证 ${who(a)} 已过期`,
      `有效期至 ${date(textOf(a, 'expired_on'))}，过期证件不得用于执法。`,
      '请换一位持有效证件的执法人员，并联系总部换证。',
    ),
  credential_not_yet_valid: (a) =>
    say(`执法证 ${who(a)} 尚未生效`, `自 ${date(textOf(a, 'valid_from'))} 起有效。`, '请换一位持有效证件的执法人员。'),
  credential_suspended: (a) =>
    say(
      `执法证 ${who(a)} 已暂扣或注销`,
      '名册记载该证件不在有效状态。',
      '请换一位持有效证件的执法人员，并联系总部核实。',
    ),
  not_an_officer: (a) => say(`${who(a)} 不能执法`, '辅助人员不得从事执法工作。', '请由持执法证的人员登录。'),
  two_officers_needed: () =>
    say('执法人员不足两人', '执法应当由两名以上具有执法资格的人员实施。', '请第二名执法人员登录。'),
  not_presented: () => say('尚未亮证', '表明身份之前不能检查，也不能开始任何文书。', '请先到“亮证”向当事人出示证件。'),
  summary_procedure_not_available: (a) =>
    say(
      '不能适用简易程序',
      `罚款 ${yuan(Number(a.fine_fen ?? 0))} 元，超过当场处罚上限 ${yuan(Number(a.limit_fen ?? 0))} 元。`,
      '请改用普通程序，或核对金额。',
    ),
  notice_not_told: () =>
    say('尚未告知', '作出处罚前要告知事实、理由、依据和权利，并听取陈述申辩。', '请在案件页“告知”中宣读并记录回应。'),
  rectification_missing: () =>
    say('缺少责令改正', '实施处罚时应当责令改正违法行为。', '请先制发《责令改正违法行为通知书》。'),
  numbers_used_up: () =>
    say('文书号已用完', '本机领用的号段没有剩余号码。', '请联网同步领取新号段；草稿已保存，不会丢失。'),
  seals_used_up: () =>
    say(
      '一次性印模用完了',
      '这份文书制发时要盖章，本机领用的印模没有剩余。',
      '请联网同步，印模会自动领用；草稿已保存，不会丢失。',
    ),
  not_sealed: () =>
    say('还没有盖章', '这份文书由机关盖章，盖章件还没有到达本机。', '请联网同步，盖章件到达后再登记送达。'),
  instrument_frozen: (a) =>
    say('文书不能再修改', `文书 ${textOf(a, 'number')} 已经制发并固定。`, '如有错误请作废后重新制作。'),
  findings_open: (a) =>
    say('还不能继续', `还有 ${textOf(a, 'blocking', '若干')} 个问题没有解决。`, '请按标出的问题逐项改正。'),
  signature_missing: () =>
    say('还缺签名', '必须的签名，或者完整的拒签记录还没有。', '请让相应人员签名；当事人拒签的，记录原因和见证人。'),
  instrument_not_issued: () => say('文书还没有制发', '只有制发后的文书才能送达、打印正本或作废。', '请先制发。'),
  recording_running: () => say('正在录制', '一次只能有一段录制。', '请先停止当前录制。'),
  no_recording_running: () => say('没有正在进行的录制', '录制可能已经停止。', '需要时请重新开始录制。'),
  gate_closed: (a) =>
    officeRefusal(officeRefusalsZh, a) ??
    say(
      textOf(a, 'text', '程序还没有走到这一步'),
      textOf(a, 'rule') ? `程序规则 ${textOf(a, 'rule')} 要求先满足条件。` : '前面的步骤还没有完成。',
      textOf(a, 'hint', '先完成前面的步骤。'),
    ),
  case_closed: () => say('案件已经结案', '结案后不能再制发文书。', '确有需要的，请按机关规定另行立案。'),
  form_unknown: (a) => say('没有这种文书', `当前法规包里没有 ${textOf(a, 'form', '该文书')}。`, '请联网更新法规包。'),
  locked: () => say('终端已锁定', '没有人登录，或者已经锁屏。', '请重新登录；已保存的内容都在。'),
  wrong_secret: (a) => {
    const seconds = Number(a.retry_after_s ?? 0);
    return say('密码不对', '密码与证号或用户名不符。', seconds > 0 ? `请在 ${seconds} 秒后再试。` : '请核对后再试。');
  },
  delayed: (a) =>
    say('暂时不能再试', '密码连续输错，等待时间逐次延长，已记入全过程记录。', `请在 ${wait(a)} 秒后再试。`),
  already_signed_in: () => say('这位执法人员已经登录', '同一人不能算作两名执法人员。', '请由另一名执法人员登录。'),
  stale: () => say('草稿已在别处改动', '您打开之后，它被另一个窗口保存过。', '请载入最新内容，再接着填写。'),
  not_found: () => say('找不到', '内容不存在，或者已经移走。', '请返回上一页刷新后再试。'),
  bad_request: () =>
    say('内容无法处理', '提交的内容格式不对。', '请检查刚填写的内容；如果一直出现，请把编号告诉技术人员。'),
  not_allowed: () => say('这个窗口不能这样做', '当事人窗口只能查看和签名。', '请在执法人员窗口操作。'),
  forbidden: (a) =>
    officeRefusal(officeRefusalsZh, a) ?? say('没有权限', '当前账号的岗位不能做这件事。', '请由有权限的人员办理。'),
  disk_full: () => say('存储空间已满', '新的内容没有写入，已有内容完好。', '请联网上传后释放空间，或更换终端。'),
  database_damaged: () =>
    say('本机数据库损坏', '读取时校验没有通过。', '请停止使用本机并送回总部；不要卸载或清除数据。'),
  clock_implausible: () => say('时间不可信', '本机时间与总部时间相差太大。', '请校准时间后再试。'),
  camera_missing: () => say('没有找到摄像头', '摄像头未连接或被占用。', '请检查摄像头；也可以导入照片文件。'),
  microphone_missing: () => say('没有找到麦克风', '麦克风未连接或被占用。', '请检查麦克风后再录。'),
  recording_failed: () =>
    say('录制中断', '采集设备出错；中断前的内容已经保存。', '请检查设备后重新开始，并说明中断原因。'),
  not_an_image: () => say('这不是可用的照片', '只接受 JPEG 或 PNG 图片。', '请换一个文件。'),
  too_large: () => say('内容太大', '超过了允许的大小。', '请缩短内容或换一个较小的文件。'),
  printer_unreachable: () =>
    say('打印机没有应答', '可能没开机、没连上或地址不对。', '请检查电源和连接；任务留在队列里，会自动再试。'),
  printer_busy: () => say('打印机正忙', '它正在打印别的任务。', '任务留在队列里，会自动再试。'),
  headquarters_unreachable: () =>
    say('连不上总部', '没有网络，或总部暂时没有应答。', '可以照常执法；有网络后会自动上传。'),
  not_headquarters: () =>
    say('应答的不是总部', '可能是需要登录的公共网络，或地址不对。', '请换一个网络；没有发送任何内容。'),
  pack_refused: () => say('法规包未被接受', '签名或内容校验没有通过。', '继续使用原来的法规包；请联系总部。'),
  failure: () =>
    say('出错了', '程序遇到意外情况，已经写好的内容不受影响。', '请再试一次；还不行请把编号告诉技术人员。'),
  host_unreachable: () => say('程序没有应答', '终端程序或服务器没有运行。', '请稍候再试；还不行请重新打开。'),
};
