/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names of the service and its errors on the bus, as in dbus/org.libvirt.Resolve1.xml.
 */

#include <stdint.h>

#define SERVICE_NAME "org.libvirt.Resolve1"
#define SERVICE_PATH "/org/libvirt/Resolve1"
#define SERVICE_INTERFACE "org.libvirt.Resolve1"

/* In result_flags, beside the variants: a static name was found; an address that was seen was found. */
#define SERVICE_FLAG_STATIC (UINT64_C(1) << 2)
#define SERVICE_FLAG_SEEN (UINT64_C(1) << 3)

#define SERVICE_ERROR_NO_SUCH_NAME SERVICE_INTERFACE ".NoSuchName"
#define SERVICE_ERROR_NO_SUCH_ADDRESS SERVICE_INTERFACE ".NoSuchAddress"
#define SERVICE_ERROR_NO_DATA SERVICE_INTERFACE ".NoData"
#define SERVICE_ERROR_NAME_REFUSED SERVICE_INTERFACE ".NameRefused"
#define SERVICE_ERROR_TIMED_OUT SERVICE_INTERFACE ".TimedOut"
#define SERVICE_ERROR_LEASES_UNAVAILABLE SERVICE_INTERFACE ".LeasesUnavailable"
