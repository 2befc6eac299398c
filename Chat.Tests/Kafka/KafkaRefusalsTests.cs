using Chat.Core.Log;
using Chat.Engines.Kafka;
using Confluent.Kafka;

namespace Chat.Tests.Kafka;

public sealed class KafkaRefusalsTests
{
    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge)]
    [InlineData(ErrorCode.RecordListTooLarge)]
    [InlineData(ErrorCode.InvalidMsg)]
    [InlineData(ErrorCode.InvalidRecord)]
    public void A_record_that_is_too_large_or_invalid_is_refused(ErrorCode code)
    {
        var exception = new KafkaException(code);

        Assert.Same(exception, KafkaRefusals.Find(exception)?.InnerException);
    }

    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut)]
    [InlineData(ErrorCode.Local_AllBrokersDown)]
    [InlineData(ErrorCode.Local_QueueFull)]
    [InlineData(ErrorCode.Local_Fatal)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.UnknownTopicOrPart)]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    public void What_may_pass_is_a_failure(ErrorCode code) => Assert.Null(KafkaRefusals.Find(new(code)));

    [Fact]
    public void Certificates_are_verified_however_TLS_is_asked_for()
    {
        var options = new KafkaOptions { Client = { ["security.protocol"] = "ssl" } };
        var (producer, consumer) = (new ProducerConfig(), new ConsumerConfig());

        KafkaSettings.Apply(producer, options);
        KafkaSettings.Apply(consumer, options);

        foreach (var config in new ClientConfig[] { producer, consumer })
        {
            Assert.True(config.EnableSslCertificateVerification);
            Assert.Equal(SslEndpointIdentificationAlgorithm.Https, config.SslEndpointIdentificationAlgorithm);
        }
    }

    /// <summary>What no test on one broker shows.</summary>
    [Fact]
    public void What_is_acknowledged_is_on_every_replica_once_and_in_order_and_offsets_are_ours_to_store()
    {
        var (producer, consumer) = (new ProducerConfig(), new ConsumerConfig());

        KafkaSettings.Apply(producer, new());
        KafkaSettings.Apply(consumer, new());

        Assert.Equal(
            (true, Acks.All, Partitioner.Murmur2Random), (producer.EnableIdempotence, producer.Acks, producer.Partitioner));
        Assert.Equal(
            (false, AutoOffsetReset.Earliest, false),
            (consumer.EnableAutoOffsetStore, consumer.AutoOffsetReset, consumer.AllowAutoCreateTopics));
    }

    [Fact]
    public void The_producer_takes_a_dead_letter_of_the_largest_record()
    {
        var config = new ProducerConfig();

        KafkaSettings.Apply(config, new());

        Assert.Equal(1_048_588 + DeadLetters.Room, config.MessageMaxBytes);
    }
}
