/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Programs' files: which C library looks their names up.
 */

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/program.h"
#include "unit/unit.h"
#include "util/util.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ORDER ELFDATA2LSB
#define OTHER_ORDER ELFDATA2MSB
#else
#define ORDER ELFDATA2MSB
#define OTHER_ORDER ELFDATA2LSB
#endif

/* A program with one segment, which follows its headers. */
typedef struct File {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
        char data[64];
} File;

static File make(uint32_t type, const char *data, size_t n) {
        File f = {
                .header = { .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_phoff = sizeof(Elf64_Ehdr),
                                .e_phnum = 1 },
                .segment = { .p_type = type, .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
                                .p_filesz = n },
        };

        memcpy(f.header.e_ident, ELFMAG, SELFMAG);
        f.header.e_ident[EI_CLASS] = ELFCLASS64;
        f.header.e_ident[EI_DATA] = ORDER;
        memcpy(f.data, data, n);
        return f;
}

static int read_bytes(const void *data, size_t n, Program *ret) {
        _cleanup_(closep) int fd = memfd_create("program", MFD_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, data, n), (ssize_t) n);
        return program_read(fd, ret);
}

static ProgramKind kind_of(const File *f) {
        Program p;

        ck_assert_int_eq(read_bytes(f, sizeof(*f), &p), 0);
        return p.kind;
}

static const struct {
        const char *loader;
        ProgramKind kind;
} loaders[] = {
        { "/lib64/ld-linux-x86-64.so.2", PROGRAM_GLIBC },
        { "/lib/ld-linux.so.2", PROGRAM_GLIBC },
        { "/nix/store/x-glibc-2.40/lib/ld-linux-aarch64.so.1", PROGRAM_GLIBC },
        { "/lib64/ld64.so.2", PROGRAM_GLIBC },
        { "/lib/ld.so.1", PROGRAM_GLIBC },
        { "/lib/ld-musl-x86_64.so.1", PROGRAM_MUSL },
        { "/system/bin/linker64", PROGRAM_OTHER },
};

START_TEST(the_loader_tells) {
        File f = make(PT_INTERP, loaders[_i].loader, strlen(loaders[_i].loader) + 1);

        ck_assert_int_eq(kind_of(&f), loaders[_i].kind);
}
END_TEST

START_TEST(without_a_loader_a_program_is_static) {
        static const Elf64_Nhdr note = { .n_namesz = 4, .n_type = 4 };
        File f = make(PT_LOAD, "", 0), with_glibc = make(PT_LOAD, "/libnss_%s", 10), of_go;
        char notes[sizeof(note) + 4] = { 0 };
        Program p;

        ck_assert_int_eq(kind_of(&f), PROGRAM_STATIC);
        ck_assert_int_eq(kind_of(&with_glibc), PROGRAM_STATIC_GLIBC);

        memcpy(notes, &note, sizeof(note));
        memcpy(notes + sizeof(note), "Go", 2);
        of_go = make(PT_NOTE, notes, sizeof(notes));
        strcpy(of_go.data + 32, "libnss_");
        ck_assert_int_eq(read_bytes(&of_go, sizeof(of_go), &p), 0);
        ck_assert_int_eq(p.kind, PROGRAM_STATIC);
        ck_assert(p.go);
}
END_TEST

/* The text is where one reading ends and the next begins. */
START_TEST(a_text_is_found_across_readings) {
        size_t n = 65536 + 64;
        _cleanup_(freep) char *data = calloc(1, n);
        File f = make(PT_LOAD, "", 0);
        Program p;

        memcpy(data, &f, sizeof(f));
        memcpy(data + 65536 - 3, "libnss_", 7);
        ck_assert_int_eq(read_bytes(data, n, &p), 0);
        ck_assert_int_eq(p.kind, PROGRAM_STATIC_GLIBC);
}
END_TEST

START_TEST(an_appimage_is_told_by_its_mark) {
        File f = make(PT_LOAD, "", 0);

        memcpy(f.header.e_ident + 8, "AI\2", 3);
        ck_assert_int_eq(kind_of(&f), PROGRAM_APPIMAGE);
}
END_TEST

START_TEST(a_script_has_its_interpreter) {
        char line[1024] = "#!/usr/bin/env python3\nimport socket\n";
        Program p;

        ck_assert_int_eq(read_bytes(line, strlen(line), &p), 0);
        ck_assert_int_eq(p.kind, PROGRAM_SCRIPT);
        ck_assert_str_eq(p.interpreter, "/usr/bin/env python3");
        memset(line + 2, 'x', sizeof(line) - 2);
        ck_assert_int_eq(read_bytes(line, sizeof(line), &p), 0);
        ck_assert_uint_eq(strlen(p.interpreter), PROGRAM_LINE_MAX);
}
END_TEST

START_TEST(other_files_are_none) {
        File f = make(PT_INTERP, "/lib/ld.so.1", 13), damaged;
        Program p = { .machine = 42 };

        ck_assert_int_eq(read_bytes("", 0, &p), -ENOEXEC);
        ck_assert_int_eq(read_bytes("text", 4, &p), -ENOEXEC);
        for (size_t n = 0; n < sizeof(f.header) + sizeof(f.segment); n++)
                ck_assert_int_eq(read_bytes(&f, n, &p), -ENOEXEC);
        damaged = f;
        damaged.header.e_ident[EI_DATA] = OTHER_ORDER;
        ck_assert_int_eq(read_bytes(&damaged, sizeof(damaged), &p), -ENOEXEC);
        damaged = f;
        damaged.header.e_ident[EI_CLASS] = 7;
        ck_assert_int_eq(read_bytes(&damaged, sizeof(damaged), &p), -ENOEXEC);
        damaged = f;
        damaged.header.e_phoff = UINT64_MAX - 3;
        ck_assert_int_eq(read_bytes(&damaged, sizeof(damaged), &p), -ENOEXEC);
        damaged = f;
        damaged.segment.p_offset = UINT64_MAX;
        ck_assert_int_eq(read_bytes(&damaged, sizeof(damaged), &p), -ENOEXEC);
        ck_assert_uint_eq(p.machine, 42); /* untouched */
}
END_TEST

/* An endless loader's path is cut, and endless headers aren't read. */
START_TEST(nothing_is_read_beyond_its_limit) {
        File f = make(PT_INTERP, "/lib/ld.so.1", 13);
        char data[sizeof(f) + 1024] = { 0 };
        Program p;

        f.segment.p_filesz = 1U << 30;
        memcpy(data, &f, sizeof(f));
        memset(data + sizeof(f) - sizeof(f.data), 'x', 512);
        ck_assert_int_eq(read_bytes(data, sizeof(data), &p), 0);
        ck_assert_uint_eq(strlen(p.interpreter), PROGRAM_LINE_MAX);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("program");

        tcase_add_loop_test(tcase, the_loader_tells, 0, ELEMENTS(loaders));
        tcase_add_test(tcase, without_a_loader_a_program_is_static);
        tcase_add_test(tcase, a_text_is_found_across_readings);
        tcase_add_test(tcase, an_appimage_is_told_by_its_mark);
        tcase_add_test(tcase, a_script_has_its_interpreter);
        tcase_add_test(tcase, other_files_are_none);
        tcase_add_test(tcase, nothing_is_read_beyond_its_limit);
        return unit_run("program", tcase);
}
