/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The error of loadable modules, and how they look at errors (box/error.h). Weak, and with
 * the class kept private: a database layer has definitions of its own.
 */

#include "box/error.h"
#include "exception.h"

#include <new>

namespace {

extern const struct type_info type_ClientError;

class ClientError: public Exception {
public:
	ClientError(const char *file, unsigned line, uint32_t code)
		: Exception(&type_ClientError, file, line), m_errcode(code)
	{
	}

	NORETURN virtual void
	raise()
	{
		throw this;
	}

	virtual void
	log() const;

	int
	get_errcode() const
	{
		return m_errcode;
	}

private:
	int m_errcode;
};

static_assert(sizeof(ClientError) == 824, "the reference's layout");

const struct method_info client_error_methods[] = {
	make_method(&type_ClientError, "code", &ClientError::get_errcode),
	METHODS_SENTINEL,
};

const char *
code_name(int code)
{
	switch (code) {
#define NAME(code) case code: return #code
	NAME(ER_ILLEGAL_PARAMS);
	NAME(ER_MEMORY_ISSUE);
	NAME(ER_PROC_LUA);
	NAME(ER_TIMEOUT);
	NAME(ER_PROC_C);
	NAME(ER_UNSUPPORTED_INDEX_FEATURE);
	NAME(ER_SYSTEM);
	NAME(ER_CANT_CREATE_COLLATION);
#undef NAME
	default:
		return "ER_UNKNOWN";
	}
}

void
ClientError::log() const
{
	say_file_line(S_ERROR, file, line, errmsg, "%s", code_name(m_errcode));
}

const struct type_info type_ClientError = {
	"ClientError", &type_Exception, client_error_methods,
};

} /* namespace */

/* `nothrow` as in the header: clang takes it for an exception specification. */
#define WEAK __attribute__((weak, nothrow))

WEAK const char *
box_error_type(const box_error_t *error)
{
	return error->type->name;
}

WEAK uint32_t
box_error_code(const box_error_t *error)
{
	if (type_assignable(&type_ClientError, error->type))
		return static_cast<const ClientError *>(error)->get_errcode();
	if (type_assignable(&type_OutOfMemory, error->type))
		return ER_MEMORY_ISSUE;
	if (type_assignable(&type_SystemError, error->type))
		return ER_SYSTEM;
	if (type_assignable(&type_CollationError, error->type))
		return ER_CANT_CREATE_COLLATION;
	return ER_PROC_LUA;
}

WEAK const char *
box_error_message(const box_error_t *error)
{
	return error->errmsg;
}

WEAK box_error_t *
box_error_last(void)
{
	return diag_last_error(diag_get());
}

WEAK void
box_error_clear(void)
{
	diag_clear(diag_get());
}

WEAK int
box_error_set(const char *file, unsigned line, uint32_t code, const char *format, ...)
{
	void *memory = malloc(sizeof(ClientError));
	if (memory == NULL) {
		diag_set(OutOfMemory, sizeof(ClientError), "malloc", "ClientError");
		return -1;
	}
	struct error *e = new (memory) ClientError(file, line, code);
	va_list ap;
	va_start(ap, format);
	error_vformat_msg(e, format, ap);
	va_end(ap);
	diag_add_error(diag_get(), e);
	return -1;
}
