import { defineService } from '@stoa/chassis/service.ts'
import { AccountChanged, AccountRegistered, AccountVerified, LoggedIn, SecurityMailRequested } from '@stoa/contracts/identity.ts'
import { accountByEmail, contactOf, defaultAddress, liveSessions, openPersonKey, securityMail, setMailWish, signingKeys } from './calls.ts'
import { everyAccountHasItsKey, noSessionOutlivesItsEnd } from './checks.ts'
import { resealKeys, rotateSigningKeysInTime, sweep } from './jobs.ts'
import { prepare } from './prepare.ts'
import { getJwks, rotateSigningKeys } from './routes/keys.ts'
import { changePassword, forgotPassword, resetPassword } from './routes/passwords.ts'
import { getProfile, setGroups, setRoles, updateProfile } from './routes/profile.ts'
import { register, verifyEmail } from './routes/registration.ts'
import { listSessions, login, logout, logoutEverywhere, refreshSession } from './routes/sessions.ts'
import { KekDays, SessionAbsolute, SessionIdle, SigningKeyDays, StayAbsolute, StayIdle } from './settings.ts'
import { settleRequest } from './timers.ts'

export default defineService({
  name: 'identity',
  owns: 'People: accounts, credentials, sessions, roles, customer groups, addresses, and the keys their data is encrypted with.',
  routes: [
    register,
    verifyEmail,
    login,
    refreshSession,
    logout,
    logoutEverywhere,
    listSessions,
    forgotPassword,
    resetPassword,
    changePassword,
    getProfile,
    updateProfile,
    setRoles,
    setGroups,
    rotateSigningKeys,
    getJwks,
  ],
  calls: [signingKeys, liveSessions, openPersonKey, contactOf, accountByEmail, setMailWish, defaultAddress, securityMail],
  publishes: [AccountRegistered, AccountVerified, AccountChanged, LoggedIn, SecurityMailRequested],
  timers: [settleRequest],
  jobs: [rotateSigningKeysInTime, resealKeys, sweep],
  checks: [everyAccountHasItsKey, noSessionOutlivesItsEnd],
  settings: [SessionIdle, SessionAbsolute, StayIdle, StayAbsolute, SigningKeyDays, KekDays],
  prepare,
})
