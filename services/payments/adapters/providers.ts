import { SandboxSecret, SandboxUrl } from '@stoa/chassis/settings.ts'
import type { Common } from '@stoa/chassis/service.ts'
import { CallDeadline, InquiryDeadline } from '../settings.ts'
import type { Provider } from '../domain/payment.ts'
import type { PaymentGateway } from './gateway.ts'
import { createSandboxGateway } from './sandbox.ts'

const made = new Map<string, PaymentGateway>()

/** Factory of providers (AR3): the adapter that serves one, as the settings say; undefined when it is not set up or takes no calls. */
export function gatewayOf(provider: Provider, { setting }: Pick<Common, 'setting'>): PaymentGateway | undefined {
  const url = setting(SandboxUrl)
  if (provider !== 'sandbox' || url === '') return undefined
  const options = { url, secret: setting(SandboxSecret), callSeconds: setting(CallDeadline), inquirySeconds: setting(InquiryDeadline) }
  const name = JSON.stringify(options)
  const gateway = made.get(name) ?? createSandboxGateway(options)
  made.set(name, gateway)
  return gateway
}
