import type { ReactNode } from 'react'

function Icon({ children, size = 20 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      className="shrink-0"
    >
      {children}
    </svg>
  )
}

export function SearchIcon() {
  return (
    <Icon>
      <circle cx="8.5" cy="8.5" r="5.75" />
      <path d="M12.8 12.8 18 18" />
    </Icon>
  )
}

export function BasketIcon() {
  return (
    <Icon>
      <path d="M2 7.5h16l-1.6 10H3.6zM6 7.5l3-5.5M14 7.5l-3-5.5M7 11v3.5M10 11v3.5M13 11v3.5" />
    </Icon>
  )
}

export function PersonIcon() {
  return (
    <Icon>
      <circle cx="10" cy="6.25" r="3.5" />
      <path d="M3 18c.6-4 3.4-6 7-6s6.400 2 7 6" />
    </Icon>
  )
}

export function MenuIcon() {
  return (
    <Icon>
      <path d="M2 5h16M2 10h16M2 15h16" />
    </Icon>
  )
}

export function CrossIcon() {
  return (
    <Icon size={14}>
      <path d="m4 4 12 12M16 4 4 16" />
    </Icon>
  )
}

export function ChevronIcon() {
  return (
    <Icon size={16}>
      <path d="m4 7.500 6 6 6-6" />
    </Icon>
  )
}

export function ArrowIcon() {
  return (
    <Icon size={16}>
      <path d="M2 10h15M11 4l6 6-6 6" />
    </Icon>
  )
}

export function FilterIcon() {
  return (
    <Icon>
      <path d="M2 6h9M15 6h3M2 14h3M9 14h9" />
      <circle cx="13" cy="6" r="2" />
      <circle cx="7" cy="14" r="2" />
    </Icon>
  )
}
