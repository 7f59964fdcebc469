// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "message_table.h"

// The structures of the Arrow C data interface, which is a stable ABI:
// https://arrow.apache.org/docs/format/CDataInterface.html
extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema*);
  int (*get_next)(ArrowArrayStream*, ArrowArray*);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

}  // extern "C"

namespace pymsg {

/// The type of a MessageTable: a struct with a field for each column.
void export_schema(ArrowSchema* out);
/// The table itself, which lives as long as any array made of it. Nothing is copied.
void export_array(const std::shared_ptr<const MessageTable>& table, ArrowArray* out);
/// The same as a stream of one batch.
void export_stream(const std::shared_ptr<const MessageTable>& table, ArrowArrayStream* out);

}  // namespace pymsg
