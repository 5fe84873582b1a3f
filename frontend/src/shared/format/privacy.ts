/** Words in a text meant for the public that might identify somebody: a help for the writer; a screener decides. */

const rules: [RegExp, string][] = [
  [/\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{2}\d{3}[\dXx]|(?<!\d)\d{15}(?!\d)/, "疑似身份证号"],
  [/(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)/, "疑似手机号"],
  [/(?<!\d)(?:\d{16,17}|\d{19})(?![\dXx])/, "疑似银行卡号"],
  [/[\u4e00-\u9fff]{2,}(?:小学|中学|[一二三四五六]中|幼儿园|学校|大学|学院)/, "学校名称"],
  [/[\u4e00-\u9fff]{2,}(?:村|社区|小区)|路\d+号|\d+号楼/, "住址"],
  [/白血病|癌|肿瘤|尿毒症|艾滋|精神病|精神分裂|乙肝|抑郁症|脑瘫|自闭症/, "病情"],
  [/(?:我叫|姓名[:：]?|名叫)[\u4e00-\u9fff]{2,4}/, "姓名"],
];

/** Return what in the text might identify somebody, each kind once: ["疑似手机号", "学校名称"]. */
export function identifyingHints(text: string): string[] {
  return rules.filter(([pattern]) => pattern.test(text)).map(([, hint]) => hint);
}

/** Return a resident ID number in groups for reading aloud: "350699 19880220 1025". */
export function spokenId(idNumber: string): string {
  return idNumber.length === 18 ? `${idNumber.slice(0, 6)} ${idNumber.slice(6, 14)} ${idNumber.slice(14)}` : idNumber;
}
