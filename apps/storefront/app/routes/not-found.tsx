import { data } from 'react-router'
import { Trouble } from '../parts/trouble.tsx'

export function loader() {
  return data(null, { status: 404 })
}

export function action() {
  return data(null, { status: 405 })
}

export default function NotFound() {
  return <Trouble status={404} />
}
