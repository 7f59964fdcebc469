// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "messenger/impl.h"
#include "messenger/join.h"
#include "messenger/paging.h"
#include "messenger/peace.h"
#include "moderation/block_codec.h"
#include "moderation/group.h"
#include "msg/moderation.h"

namespace msg {
namespace {

/// Their direct conversation knows it, so that a send need not look.
Result<void> note_in_direct(Batch& batch, UserId actor, UserId user, bool blocks) {
  const auto [low, high] = std::minmax(actor, user);
  MSG_TRY(const auto id, batch.rows().find_direct(low, high));
  if (!id) return {};
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(*id));
  if (!conversation) return fail(Code::corrupt, "A direct entry names no conversation.");
  bool& noted = actor == low ? conversation->direct.low_blocks : conversation->direct.high_blocks;
  if (noted == blocks) return {};
  noted = blocks;
  batch.changed(*conversation);
  return {};
}

Result<std::vector<SideRecord>> blocks_of(Snapshot& rows, UserId actor) {
  return rows.list_side_records(SideKind::block, to_int(actor), {}, static_cast<int>(kBlocksMax));
}

Result<Block> put_block(Batch& batch, UserId actor, UserId user) {
  MSG_CHECK(batch.rows().lock_side_records({SideKind::block, to_int(actor)}));
  MSG_TRY(const auto there,
          batch.rows().find_side_record(SideKind::block, to_int(actor), side_key(user)));
  if (there) return block_of(*there);
  MSG_TRY(const auto found, batch.rows().find_user(user));
  if (!found) return fail(Code::not_found, "There is no such user.", "user_id");
  MSG_TRY(const auto all, blocks_of(batch.rows(), actor));
  if (all.size() >= kBlocksMax) {
    return fail(Code::conflict, "Nobody blocks more than " + std::to_string(kBlocksMax) + ".");
  }
  const Time at = time_of(batch.next_version());
  MSG_CHECK(note_in_direct(batch, actor, user, true));
  MSG_CHECK(batch.rows().put_side_record(record_of(SideKind::block, actor, user, at)));
  MSG_CHECK(batch.rows().put_side_record(record_of(SideKind::blocked_by, user, actor, at)));
  return Block{.user = user, .at = at};
}

Result<void> erase_block(Batch& batch, UserId actor, UserId user) {
  MSG_CHECK(batch.rows().lock_side_records({SideKind::block, to_int(actor)}));
  MSG_TRY(const auto there,
          batch.rows().find_side_record(SideKind::block, to_int(actor), side_key(user)));
  if (!there) return {};
  batch.next_version();
  MSG_CHECK(note_in_direct(batch, actor, user, false));
  MSG_CHECK(batch.rows().erase_side_record(SideKind::block, to_int(actor), side_key(user)));
  return batch.rows().erase_side_record(SideKind::blocked_by, to_int(user), side_key(actor));
}

Result<Conversation> accept(Batch& batch, UserId actor, ConversationId id) {
  MSG_TRY(const auto found, find_for(batch, actor, id, Act::look));
  ConversationRow& conversation = *found.conversation;
  if (conversation.kind == ConversationKind::group) {
    return fail(Code::conflict, "A group is joined, not accepted.");
  }
  const bool is_low = actor == conversation.direct_low;
  DirectState& direct = conversation.direct;
  if (is_low ? direct.awaits_high : direct.awaits_low) {
    return fail(Code::permission_denied, "The other one accepts it.");
  }
  bool& awaits = is_low ? direct.awaits_low : direct.awaits_high;
  if (awaits) {
    awaits = false;
    announce(batch, conversation);
  }
  return to_conversation(conversation);
}

}  // namespace

Result<Block> Moderation::block(UserId actor, UserId user) {
  if (actor == user) {
    return fail(Code::invalid_argument, "Nobody blocks themselves.", "user_id");
  }
  return MessengerInside::of(messenger_).committer.run<Block>([&](Batch& batch) {
    return put_block(batch, actor, user);
  });
}

Result<void> Moderation::unblock(UserId actor, UserId user) {
  return MessengerInside::of(messenger_).committer.run<void>([&](Batch& batch) {
    return erase_block(batch, actor, user);
  });
}

Result<Page<Block>> Moderation::list_blocks(UserId actor, const PageRequest& request) {
  auto& impl = MessengerInside::of(messenger_);
  MSG_TRY(const ForwardPage page, read_page_request(impl.codec, request, CursorKind::blocks,
                                                    to_int(actor), impl.options.limits));
  MSG_TRY(const auto snapshot, impl.store->late_snapshot());
  MSG_TRY(const auto records,
          snapshot->list_side_records(SideKind::block, to_int(actor),
                                      page.after == 0 ? "" : side_key(UserId{page.after}),
                                      page.limit + 1));
  std::vector<Block> blocks;
  for (const auto& record : records) {
    MSG_TRY(const Block block, block_of(record));
    blocks.push_back(block);
  }
  return finish_page<Block>(impl.codec, page, std::move(blocks),
                            [](const Block& block) { return to_int(block.user); });
}

Result<Conversation> Moderation::accept_direct(UserId actor, ConversationId conversation) {
  return MessengerInside::of(messenger_)
      .committer.run<Conversation>([&](Batch& batch) { return accept(batch, actor, conversation); },
                                   {.touch = Touch{conversation, actor, {}}});
}

}  // namespace msg
