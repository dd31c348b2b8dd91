import { defineService } from '@stoa/chassis/service.ts'
import { checkBooksInTime } from './jobs.ts'
import { checkBooks, dropDeadLetter, listDeadLetters, listRepairs, repairDeadLetter, replayDeadLetter } from './routes.ts'

export default defineService({
  name: 'gateway',
  owns: 'Doors of the whole house: dead letters and the check of the books.',
  routes: [listDeadLetters, listRepairs, repairDeadLetter, dropDeadLetter, replayDeadLetter, checkBooks],
  jobs: [checkBooksInTime],
})
