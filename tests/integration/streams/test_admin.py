"""Making and checking topics on a real broker; the embedded one has neither."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from signals.streams.admin import AdminError, all_specs, check_topics, create_topics, wait_for_leaders
from signals.streams.tables import changelog_topic
from signals.streams.topics import Topics
from support.brokers import Broker, apache_broker, embedded_broker, new_prefix


@pytest.fixture
def apache() -> Broker:
    """Apache Kafka."""
    return apache_broker()


@pytest.fixture
def topics() -> Topics:
    """Names nobody else has."""
    return Topics(partitions=3, prefix=new_prefix())


@pytest.mark.apache
@pytest.mark.kafka
async def test_created_topics_pass_the_check_and_are_left_alone(apache: Broker, topics: Topics) -> None:
    """All of them, the changelog included; a second call makes nothing."""
    made = await create_topics(apache.bootstrap, topics, replication=1)
    assert set(made) == {spec.name for spec in all_specs(topics)}
    assert changelog_topic(topics) in made

    assert await check_topics(apache.bootstrap, topics, replication=1) == ()
    assert await create_topics(apache.bootstrap, topics, replication=1) == ()


@pytest.mark.apache
@pytest.mark.kafka
async def test_every_difference_is_said(apache: Broker, topics: Topics) -> None:
    """A wrong partition count, a missing topic, a wrong setting, too few copies."""
    admin = AIOKafkaAdminClient(bootstrap_servers=apache.bootstrap)
    await admin.start()
    await admin.create_topics(
        [
            NewTopic(topics.account_updates, 5, 1),
            NewTopic(topics.signal_state, 3, 1, topic_configs={"cleanup.policy": "delete"}),
        ]
    )
    await wait_for_leaders(admin, (topics.account_updates, topics.signal_state))
    await admin.close()

    said = [str(one) for one in await check_topics(apache.bootstrap, topics, replication=2)]

    assert f"{topics.account_updates}: partitions is 5, must be 3" in said
    assert f"{topics.account_updates}: replication is 1, must be at least 2" in said
    assert f"{topics.signal_state}: cleanup.policy is delete, must be compact" in said
    assert f"{topics.signal_events}: topic is missing, must be there" in said
    assert said == sorted(said)


@pytest.mark.apache
@pytest.mark.kafka
async def test_a_broker_that_refuses_says_why(apache: Broker, topics: Topics) -> None:
    """More copies than brokers."""
    with pytest.raises(AdminError, match="replication"):
        await create_topics(apache.bootstrap, topics, replication=3)


@pytest.mark.kafka
async def test_the_embedded_broker_is_checked_without_settings(topics: Topics) -> None:
    """Its topics are made at its start; partitions can be compared all the same."""
    broker = embedded_broker()
    assert broker.embedded is not None
    for spec in all_specs(topics):
        broker.embedded.create(spec.name, spec.partitions(3))
    assert await check_topics(broker.bootstrap, topics, settings=False) == ()
