import type { RenderPlan } from '@flotilla/render';

/** Template functions whose answer changes from call to call. */
const RANDOM =
  /\b(rand(Alpha|AlphaNum|Numeric|Ascii|Bytes|Int)|gen(PrivateKey|CA|CAWithKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|htpasswd|bcrypt|encryptAES|uuidv4|shuffle|now|ago)\b/;

/** Whether the templates of a chart may give another output for the same input. */
export async function findRandomness(plan: RenderPlan): Promise<boolean> {
  if (plan.type !== 'Helm') return false;
  for (const file of plan.files) {
    if ('text' in file || !/(^|\/)templates\/.*\.(ya?ml|tpl|txt)$/.test(file.to)) continue;
    const text = Buffer.from(await file.tree.read(file.entry)).toString();
    for (const [action] of text.matchAll(/\{\{[^}]*\}\}/g)) if (RANDOM.test(action)) return true;
  }
  return false;
}
