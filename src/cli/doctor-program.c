/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's check of one program: does it load NSS modules at all, and which ones?
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/config-file.h"
#include "cli/doctor.h"
#include "cli/nsswitch.h"
#include "cli/program.h"
#include "index/format.h"
#include "util/text.h"

#define MODULE "libnss_" NSSWITCH_LEASE ".so.2"

#if HAVE_HOOK
#define ADVICE_DNS                                                                                           \
        "Put the guests into DNS, with systemd-resolved 259 or newer:\n"                                     \
        "systemctl enable libvirt-resolved-hook.socket && systemctl restart libvirt-resolved"
#else
#define ADVICE_DNS "Give it the names in a file: libvirt-resolve export --format=hosts"
#endif

static const char advice_dns[] = ADVICE_DNS;

/* ---- the program's file ---- */

/* Programs that ask DNS directly, without the C library. */
static bool asks_dns(const char *name) {
        static const char *const names[] = { "delv", "dig", "dog", "drill", "host", "kdig", "nslookup",
                "resolvectl" };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strcmp(name, names[i]) == 0)
                        return true;
        return false;
}

/* Whether modules are installed for programs of this class and machine. */
static bool has_module(const Program *program) {
        static const char *const patterns[] = { "/lib*/" MODULE, "/lib/*/" MODULE, "/usr/lib*/" MODULE,
                "/usr/lib/*/" MODULE };
        glob_t found = { 0 };
        bool any = false;

        for (size_t i = 0; i < ELEMENTS(patterns); i++)
                (void) glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
        for (size_t i = 0; !any && i < found.gl_pathc; i++) {
                _cleanup_(closep) int fd =
                                open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
                Program module;

                any = fd >= 0 && program_read(fd, &module) >= 0 && program_is_alike(&module, program);
        }
        globfree(&found);
        return any;
}

/* Whether it differs in class or machine from this program, which check_modules() covers. */
static bool is_foreign(const Program *program) {
        _cleanup_(closep) int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        Program own;

        return fd >= 0 && program_read(fd, &own) >= 0 && !program_is_alike(&own, program);
}

/* Reports whether glibc looks names up for the program, and returns that. */
static bool check_kind(Doctor *d, const char *name, const Program *program) {
        switch (program->kind) {
        case PROGRAM_MUSL:
                doctor_add(d, VERDICT_FAILURE, advice_dns,
                                "%s is linked to musl, which loads no NSS modules: it asks DNS", name);
                return false;
        case PROGRAM_OTHER:
                doctor_add(d, VERDICT_FAILURE, advice_dns,
                                "%s isn't linked to glibc (its loader is %s): it loads no NSS modules", name,
                                program->interpreter);
                return false;
        case PROGRAM_STATIC:
                doctor_add(d, VERDICT_FAILURE, advice_dns,
                                "%s is a static program%s: it loads no NSS modules, and asks DNS", name,
                                program->go ? " in Go" : "");
                return false;
        case PROGRAM_STATIC_GLIBC:
                doctor_add(d, VERDICT_WARNING, advice_dns,
                                "%s is a static program with a glibc of its own: it loads NSS modules only "
                                "if this system's "
                                "glibc has the same version",
                                name);
                return true;
        case PROGRAM_APPIMAGE:
                doctor_add(d, VERDICT_SKIPPED,
                                "Start it, and check its process: libvirt-resolve doctor --for=PID",
                                "%s is an AppImage, whose program can't be seen in its file", name);
                return true;
        default:
                break;
        }
        if (!is_foreign(program) || has_module(program))
                return true;
        doctor_add(d, VERDICT_FAILURE, "Install the NSS modules for its architecture, too.",
                        "%s is a %d-bit program of another architecture, and there are no NSS modules for "
                        "that",
                        name, program->class == ELFCLASS32 ? 32 : 64);
        return false;
}

/* ---- where it runs ---- */

/* Opens a path as the process sees it: no link leads out of its root directory. */
static int open_inside(int root, const char *path, int flags) {
        struct open_how how = { .flags = (uint64_t) (flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT };
        int fd;

        fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (fd < 0 && errno == ENOSYS)
                fd = openat(root, path + strspn(path, "/"), flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static bool is_inside(int root, const char *path) {
        _cleanup_(closep) int fd = open_inside(root, path, O_PATH);

        return fd >= 0;
}

/* Whether the process sees the same file under that path as we do. */
static bool is_shared(int root, const char *path) {
        _cleanup_(closep) int fd = open_inside(root, path, O_PATH);
        struct stat st, own;

        return fd >= 0 && fstat(fd, &st) >= 0 && stat(path, &own) >= 0 && st.st_dev == own.st_dev &&
               st.st_ino == own.st_ino;
}

/* Describes the environment of a process that has another root directory. */
static const char *describe_environment(int root, bool own_mounts) {
        if (is_inside(root, "/.flatpak-info"))
                return "a Flatpak";
        if (is_inside(root, "/.dockerenv") || is_inside(root, "/run/.containerenv"))
                return "a container";
        if (is_inside(root, "/snap/snapd") || is_inside(root, "/meta/snap.yaml"))
                return "a snap";
        return own_mounts ? "a container or sandbox" : "a chroot";
}

/* Whether the hosts line that the process reads has one of the modules.  Without a file, glibc uses neither.
 */
static bool nsswitch_has_module(int root) {
        _cleanup_(closep) int fd = open_inside(root, "/etc/nsswitch.conf", O_RDONLY | O_NONBLOCK | O_NOCTTY);
        _cleanup_(freep) char *text = NULL;
        NsswitchHosts hosts;
        char path[64];

        if (fd < 0)
                return false;
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        return config_file_read(path, &text) >= 0 && nsswitch_parse(text, &hosts) >= 0 &&
               nsswitch_modules(&hosts) != 0;
}

/* Whether the process can reach the index or the bus, if they exist. */
static bool has_way(int root) {
        static const char index[] = RUNTIME_DIRECTORY "/" INDEX_FILE_NAME,
                          bus[] = "/run/dbus/system_bus_socket";

        if (access(index, F_OK) < 0 && access(bus, F_OK) < 0)
                return true; /* other checks report why */
        return (is_shared(root, index) && is_inside(root, LEASE_DIRECTORY)) || is_shared(root, bus);
}

static bool check_root(Doctor *d, const char *name, int root, bool own_root, bool own_mounts) {
        const char *environment = own_root ? describe_environment(root, own_mounts) : "a sandbox";

        if (own_root && !nsswitch_has_module(root)) {
                doctor_add(d, VERDICT_FAILURE, advice_dns,
                                "%s runs in %s, whose own nsswitch.conf doesn't have the modules", name,
                                environment);
                return false;
        }
        if (!own_root && !is_shared(root, "/etc/nsswitch.conf") && !nsswitch_has_module(root)) {
                doctor_add(d, VERDICT_FAILURE,
                                "Put libvirt and libvirt_guest on the hosts line of the file that it sees.",
                                "%s sees another /etc/nsswitch.conf, which doesn't have the modules", name);
                return false;
        }
        if (has_way(root))
                return true;
        doctor_add(d, VERDICT_FAILURE,
                        "Let it see them; a unit by BindReadOnlyPaths=" RUNTIME_DIRECTORY " " LEASE_DIRECTORY,
                        "%s runs in %s that hides the index, the lease directory and the bus from the "
                        "modules",
                        name, environment);
        return false;
}

/* ---- what is loaded ---- */

/* Reports which modules a process has loaded. */
static void check_maps(Doctor *d, const char *name, int process) {
        _cleanup_(closep) int fd = openat(process, "maps", O_RDONLY | O_CLOEXEC);
        FILE *maps = fd >= 0 ? fdopen(dup(fd), "re") : NULL;
        bool loaded = false, replaced = false;
        char line[PATH_MAX + 128];

        while (maps && fgets(line, sizeof(line), maps))
                if (strstr(line, "/libnss_libvirt")) {
                        loaded = true;
                        replaced = replaced || strstr(line, " (deleted)");
                }
        if (maps)
                fclose(maps);
        if (replaced)
                doctor_add(d, VERDICT_WARNING, "Restart it.",
                                "%s has loaded modules that have been replaced since", name);
        else
                doctor_add(d, VERDICT_OK, NULL, "%s %s", name,
                                loaded ? "has loaded the NSS modules" :
                                         "loads NSS modules when it looks a name up");
}

/* ---- a process ---- */

static const char *process_name(int process, const char *pid, char *buffer, size_t size) {
        _cleanup_(closep) int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
        char comm[64] = "?", text[256];
        ssize_t n = fd >= 0 ? read(fd, comm, sizeof(comm) - 1) : -1;

        if (n > 0)
                comm[n - (comm[n - 1] == '\n')] = '\0';
        (void) snprintf(buffer, size, "%s (PID %s)", text_escape(comm, text, sizeof(text)), pid);
        return buffer;
}

static bool is_same_mounts(int process) {
        char own[64], other[64];
        ssize_t n = readlink("/proc/self/ns/mnt", own, sizeof(own)),
                k = readlinkat(process, "ns/mnt", other, sizeof(other));

        return n > 0 && n == k && memcmp(own, other, (size_t) n) == 0;
}

static bool report_unseen(Doctor *d, const char *name, int error) {
        if (error == ENOENT)
                doctor_add(d, VERDICT_SKIPPED, NULL,
                                "%s is no program, but a thread of the kernel, or has just ended", name);
        else
                doctor_add(d, VERDICT_SKIPPED, "Try again as root.", "%s can't be inspected: %s", name,
                                strerror(error));
        return true;
}

static bool check_process(Doctor *d, const char *pid) {
        _cleanup_(closep) int process = -1, file = -1, root = -1;
        char path[64], name[512];
        struct stat own, other;
        Program program;
        bool own_root;
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%.20s", pid);
        process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (process < 0) {
                doctor_add(d, VERDICT_FAILURE, NULL, "There is no process %.20s", pid);
                return true;
        }
        process_name(process, pid, name, sizeof(name));
        file = openat(process, "exe", O_RDONLY | O_CLOEXEC);
        root = file >= 0 ? openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        if (root < 0 || fstat(root, &other) < 0 || stat("/", &own) < 0)
                return report_unseen(d, name, errno);
        r = program_read(file, &program);
        if (r < 0)
                return report_unseen(d, name, -r);
        own_root = own.st_dev != other.st_dev || own.st_ino != other.st_ino;
        if (!check_kind(d, name, &program) || !check_root(d, name, root, own_root, !is_same_mounts(process)))
                return false;
        check_maps(d, name, process);
        return true;
}

/* ---- a command ---- */

/* Finds the path of a command as a shell does.  Returns false if there is none. */
static bool find_command(const char *command, char path[static PATH_MAX]) {
        const char *directories = getenv("PATH") ?: "/usr/local/bin:/usr/bin:/bin";
        struct stat st;

        if (strchr(command, '/'))
                return realpath(command, path) && stat(path, &st) >= 0 && S_ISREG(st.st_mode);
        for (const char *p = directories; *p; p += strspn(p, ":")) {
                int n = (int) strcspn(p, ":");
                char candidate[PATH_MAX];

                if (snprintf(candidate, sizeof(candidate), "%.*s/%s", n, p, command) < PATH_MAX &&
                                access(candidate, X_OK) == 0 && realpath(candidate, path) &&
                                stat(path, &st) >= 0 && S_ISREG(st.st_mode))
                        return true;
                p += n;
        }
        return false;
}

/* The program that a "#!" line starts; for env(1), the program that env starts. */
static bool find_interpreter(const char *line, char path[static PATH_MAX]) {
        char copy[PROGRAM_LINE_MAX + 1], *rest = copy, *word, *slash;

        (void) snprintf(copy, sizeof(copy), "%s", line);
        word = strsep(&rest, " \t");
        while (word && *word == '\0')
                word = strsep(&rest, " \t");
        slash = word ? strrchr(word, '/') : NULL;
        if (slash && strcmp(slash, "/env") == 0)
                while ((word = strsep(&rest, " \t")) && (*word == '\0' || *word == '-' || strchr(word, '=')))
                        ;
        return word && find_command(word, path);
}

/* Programs that start other programs in environments with files of their own. */
static bool check_starter(Doctor *d, const char *name, const char *path) {
        const char *environment;

        if (strstr(path, "/flatpak/exports/") || doctor_has_suffix(path, "/flatpak"))
                environment = "a Flatpak";
        else if (doctor_has_suffix(path, "/snap"))
                environment = "a snap";
        else
                return true;
        doctor_add(d, VERDICT_FAILURE, advice_dns,
                        "%s runs in %s, with an nsswitch.conf and modules of its own", name, environment);
        return false;
}

/* Follows scripts to their interpreter.  Returns 0 or a negative errno. */
static int read_command(char path[static PATH_MAX], Program *ret) {
        for (unsigned i = 0; i <= PROGRAM_SCRIPTS_MAX; i++) {
                _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
                int r;

                if (fd < 0)
                        return -errno;
                r = program_read(fd, ret);
                if (r < 0 || ret->kind != PROGRAM_SCRIPT)
                        return r;
                if (!find_interpreter(ret->interpreter, path))
                        return -ENOENT;
        }
        return -ELOOP;
}

static bool check_command(Doctor *d, const char *command) {
        char path[PATH_MAX], text[TEXT_NAME_SIZE], name[PATH_MAX + TEXT_NAME_SIZE + 8];
        Program program;
        int r;

        text_escape(command, text, sizeof(text));
        if (!find_command(command, path)) {
                doctor_add(d, VERDICT_FAILURE, NULL, "There is no program %s", text);
                return true;
        }
        if (!check_starter(d, text, path))
                return false;
        r = read_command(path, &program);
        if (r < 0) {
                doctor_add(d, VERDICT_SKIPPED, NULL, "%s can't be read as a program: %s", path, strerror(-r));
                return true;
        }
        if (strcmp(command, path) == 0)
                (void) snprintf(name, sizeof(name), "%s", text);
        else
                (void) snprintf(name, sizeof(name), "%s (%s)", text, path);
        if (asks_dns(strrchr(path, '/') + 1)) {
                doctor_add(d, VERDICT_FAILURE, advice_dns,
                                "%s asks DNS, not the C library; what other programs get, getent ahosts "
                                "shows",
                                name);
                return false;
        }
        if (!check_kind(d, name, &program))
                return false;
        if (program.kind == PROGRAM_GLIBC)
                doctor_add(d, VERDICT_OK, NULL, "%s is linked to glibc, which loads the NSS modules", name);
        return true;
}

/* ---- */

bool check_program(Doctor *d, const char *program) {
        if (program[0] != '\0' && program[strspn(program, "0123456789")] == '\0')
                return check_process(d, program);
        return check_command(d, program);
}
