// SPDX-License-Identifier: Apache-2.0
#include "commit/committer.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "core/secrets.h"

namespace msg {
namespace {

constexpr std::chrono::minutes kSweepInterval{1};
constexpr int kSweptMax = 512;

Error overloaded() {
  return {.code = Code::overloaded,
          .detail = "Too many writes are waiting; nothing was done. Try again shortly.",
          .field = {},
          .retry_after = std::chrono::milliseconds(100)};
}

}  // namespace

Committer::Committer(Store& store, Version last, Version own, const Options& options,
                     Publish publish)
    : store_(store),
      options_(options),
      publish_(std::move(publish)),
      clock_(last),
      ids_(std::max(options.node, 0)),
      life_{.writer = store.identity().writer, .from = last, .tag = make_life_tag()},
      own_(own),
      thread_([this] { loop(); }) {}

Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::size_t Committer::queued() {
  const std::lock_guard lock(mutex_);
  return queue_size_;
}

std::shared_ptr<Round> Committer::enqueue(std::unique_ptr<Job> job) {
  {
    std::unique_lock lock(mutex_);
    const bool fits =
        queue_size_ < options_.commit_queue_max &&
        (queue_size_ == 0 || queue_bytes_ + job->hint().bytes <= options_.commit_queue_bytes_max);
    if (fits && !stopping_) {
      const std::size_t bytes = job->hint().bytes;
      if (queue_.empty() || is_full(queue_.back(), bytes)) queue_.emplace_back();
      Load& load = queue_.back();
      load.jobs.push_back(std::move(job));
      load.bytes += bytes;
      ++queue_size_;
      queue_bytes_ += bytes;
      auto round = load.round;
      const bool is_enough = queue_.size() > 1 || queue_.front().jobs.size() >= wake_at_;
      lock.unlock();
      if (is_enough) wake_.notify_one();
      return round;
    }
  }
  const Error error = overloaded();
  job->finish(&error);
  return nullptr;
}

bool Committer::is_full(const Load& load, std::size_t bytes) const {
  if (load.jobs.empty()) return false;
  return load.jobs.size() >= options_.commit_batch_max ||
         load.bytes + bytes > options_.commit_queue_bytes_max;
}

void Committer::loop() {
  while (wait_for_work()) {
    std::optional<Load> load;
    // Lives until the callers have their answers: its end may be the moment of a checkpoint.
    std::unique_ptr<WriteTransaction> transaction;
    Result<Commit> committed;
    const auto start = std::chrono::steady_clock::now();
    try {
      committed = commit(load, transaction);
    } catch (const std::exception& e) {  // out of memory, most likely; the transaction is undone
      committed = fail(Code::unavailable, e.what());
    }
    const auto spent = std::chrono::steady_clock::now() - start;
    {
      const std::scoped_lock lock(mutex_);
      close(load);
      gathering_.committed(load->jobs.size(), queue_size_, spent - load->waited);
    }
    if (committed) publish_(*committed);
    finish(*load, committed ? nullptr : &committed.error());
  }
}

/// False when all is done and nothing more will come.
bool Committer::wait_for_work() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  return !queue_.empty();
}

/// The jobs of this commit that were not begun. Empty: that was all, and the load is closed.
std::vector<Committer::Job*> Committer::take_more(std::optional<Load>& load) {
  std::unique_lock lock(mutex_);
  Load& from = load ? *load : queue_.front();
  if (!load) gather(lock, from);
  std::vector<Job*> jobs;
  for (; from.begun < from.jobs.size(); ++from.begun) {
    Job* const job = from.jobs[from.begun].get();
    jobs.push_back(job);
    if (load) continue;  // done again
    --queue_size_;
    queue_bytes_ -= job->hint().bytes;
  }
  if (jobs.empty() || store_.loads_ahead()) close(load);
  return jobs;
}

/// Waits for company while it is likely, unless there is work to do meanwhile.
void Committer::gather(std::unique_lock<std::mutex>& lock, Load& open) {
  const bool has_work = open.begun < open.jobs.size();
  if (has_work && !store_.loads_ahead()) return;
  const auto wanted = std::min(gathering_.wanted(), options_.commit_batch_max);
  // Where another is open already nobody can join this one.
  const auto has_company = [&] {
    return stopping_ || queue_.size() > 1 || open.jobs.size() >= wanted;
  };
  if (has_company()) return;
  const auto start = std::chrono::steady_clock::now();
  if (!open.deadline) open.deadline = start + gathering_.patience();
  wake_at_ = wanted;
  wake_.wait_until(lock, *open.deadline, has_company);
  wake_at_ = 1;
  open.waited += std::chrono::steady_clock::now() - start;
}

/// What comes from now on is for the next commit.
void Committer::close(std::optional<Load>& load) {
  if (load) return;
  load = std::move(queue_.front());
  queue_.pop_front();
  for (; load->begun < load->jobs.size(); ++load->begun) {
    --queue_size_;
    queue_bytes_ -= load->jobs[load->begun]->hint().bytes;
  }
  if (load->deadline) {
    const auto wanted = std::min(gathering_.wanted(), options_.commit_batch_max);
    gathering_.waited(load->jobs.size() < wanted);
  }
}

Result<Commit> Committer::commit(std::optional<Load>& load,
                                 std::unique_ptr<WriteTransaction>& transaction) {
  constexpr int kAttempts = 5;
  for (int count = 1;; ++count) {
    transaction.reset();  // one at a time
    auto committed = attempt(load, transaction);
    const bool again = !committed && transaction && transaction->may_retry() && count < kAttempts;
    if (!again) return committed;
    const std::scoped_lock lock(mutex_);
    close(load);
    load->begun = 0;
  }
}

Result<Commit> Committer::attempt(std::optional<Load>& load,
                                  std::unique_ptr<WriteTransaction>& transaction) {
  MSG_TRY(transaction, store_.begin());
  if (const auto node = store_.node()) ids_.set_node(*node);
  std::vector<Job*> jobs = take_more(load);
  std::vector<const Touch*> touches;
  touches.reserve(jobs.size());
  for (const Job* job : jobs) {
    if (job->hint().touch) touches.push_back(&*job->hint().touch);
  }
  MSG_TRY(const Version newest, transaction->prepare(touches));
  clock_.raise(newest);
  go_on_from(newest);
  Batch batch(*transaction, clock_, ids_);
  for (; !jobs.empty(); jobs = take_more(load)) {
    batch.set_now(options_.clock());
    for (Job* job : jobs) {
      const auto stamps = batch.stamps();
      if (!job->perform(batch) && batch.stamps() != stamps) {
        // It may have written half of its rows: nobody's rows can be trusted now.
        return std::unexpected(job->error());
      }
    }
  }
  // Repeated sends and late receipts change nothing: no reason to trouble the disk.
  if (batch.stamps() == 0) {
    MSG_CHECK(transaction->confirm());
    return Commit{};
  }
  const Version before = newest == Version{} ? own_ : newest;
  MSG_CHECK(write(batch, *transaction));
  return Commit{.events = batch.take_events(),
                .life = life_.tag,
                .before = before,
                .last = own_,
                .built_on = transaction->built_on(),
                .lists = batch.take_list_changes(),
                .switches = batch.take_switches()};
}

/// Where others write as well, `newest` is the newest version of this writer in the store. It is
/// another than the last one here when somebody else wrote in our place meanwhile, or when what we
/// wrote is lost: then versions begin a life of their own, whatever cursors still say of it.
void Committer::go_on_from(Version newest) {
  if (newest == Version{} || (is_life_stored_ && newest == committed_)) return;
  if (newest < committed_) life_.tag = make_life_tag();
  ids_.raise(newest);
  life_.from = newest;
  is_life_stored_ = false;
}

Result<void> Committer::write(Batch& batch, WriteTransaction& transaction) {
  if (!is_life_stored_) MSG_CHECK(transaction.put_life(life_));
  MSG_CHECK(batch.flush());
  MSG_CHECK(sweep(transaction, batch.now()));
  MSG_CHECK(transaction.commit(clock_.last()));
  is_life_stored_ = true;
  committed_ = own_ = clock_.last();
  return {};
}

/// What has expired is used by nobody; where nobody writes, it may stay. So it leaves with a commit
/// that takes place anyway, now and then, and at once again when there was more.
Result<void> Committer::sweep(WriteTransaction& transaction, Time now) {
  if (!next_sweep_) next_sweep_ = now + kSweepInterval;
  if (now < *next_sweep_) return {};
  MSG_TRY(const int erased, transaction.erase_expired(now, kSweptMax));
  if (erased < kSweptMax) next_sweep_ = now + kSweepInterval;
  return {};
}

/// Those who sleep first: they wake up while the others are told.
void Committer::finish(const Load& load, const Error* error) {
  for (const auto& job : load.jobs) {
    if (job->is_awaited()) finish(*job, error);
  }
  load.round->end();
  for (const auto& job : load.jobs) {
    if (!job->is_awaited()) finish(*job, error);
  }
}

void Committer::finish(Job& job, const Error* error) {
  try {
    job.finish(error);
  } catch (const std::exception& e) {
    if (options_.log) options_.log(std::string("a completion threw: ") + e.what());
  }
}

}  // namespace msg
