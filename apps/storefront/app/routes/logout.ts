import { redirect, type ActionFunctionArgs } from 'react-router'
import { visitContext } from '../visit/visit.ts'

/** A link cannot sign anybody out. */
export function loader() {
  return redirect('/account')
}

/** Ends the session here and at the API, whether that one answers or not. */
export async function action({ context }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  await visit.ask('POST', '/api/logout', { body: {} })
  visit.forgetSession()
  return redirect('/')
}
