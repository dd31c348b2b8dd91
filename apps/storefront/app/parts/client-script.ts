import { createContext } from 'react'

/** Address of the built `entry.client.ts`, known only once a build is loaded. */
export const ClientScript = createContext('')
